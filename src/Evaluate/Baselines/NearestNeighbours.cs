using LmmRec.Artifacts.Tables;
using LmmRec.Dense;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Baselines;

/// <summary>
/// Scores an item for a user by the sum of its similarities to those of her training items that are among its nearest and in any way similar
/// (docs/evaluation.md#nearest-neighbours).
/// </summary>
internal static class NearestNeighbours
{
    /// <summary>Neighbours of an item, k.</summary>
    public const int K = 50;

    /// <summary>Ranks by the neighbours that <paramref name="find"/> finds, itself among them, when they are first asked for.</summary>
    public static RankItems Ranking(HeldOutData data, Func<int, CancellationToken, Neighbours> find)
    {
        ItemScores? score = null;
        return (who, k, threads, cancellation) =>
        {
            score ??= Scoring(find(threads, cancellation), data[Splits.Train]);
            return ScoreRanker.Rank(score, data.Items.Count, data[Splits.Train], who, k, threads, cancellation);
        };
    }

    /// <summary>The scores of a user: a walk over her training items and the items that these are neighbours of.</summary>
    public static ItemScores Scoring(Neighbours neighbours, ItemSets training)
    {
        var (starts, items, similarities) = Turned(neighbours);
        return (user, scores) =>
        {
            foreach (var own in training[user])
                for (var e = starts[own]; e < starts[own + 1]; e++) scores[items[e]] += similarities[e];
        };
    }

    // By neighbour, in ascending order of the items whose neighbour it is.
    private static (int[] Starts, int[] Items, float[] Similarities) Turned(Neighbours neighbours)
    {
        var k = neighbours.K;
        var edges = Enumerable.Range(0, neighbours.Items.Length).Where(e => neighbours.Items[e] != e / k && neighbours.Similarities[e] > 0).ToArray(); // an item stands in its own row, too
        var starts = new int[neighbours.Items.Length / k + 1];
        foreach (var e in edges) starts[neighbours.Items[e] + 1]++;
        for (var item = 1; item < starts.Length; item++) starts[item] += starts[item - 1];
        var (next, items, similarities) = (starts[..^1], new int[edges.Length], new float[edges.Length]);
        foreach (var e in edges)
        {
            var to = next[neighbours.Items[e]]++;
            (items[to], similarities[to]) = (e / k, neighbours.Similarities[e]);
        }
        return (starts, items, similarities);
    }
}
