namespace LmmRec.Ranking.Tests;

/// <summary>
/// The metrics by counting, without a list: an item stands behind all that score higher, and behind those before it in the catalogue that score the
/// same. From the ranks of the held-out items follow all metrics.
/// </summary>
internal static class BruteForce
{
    /// <summary>The ranks of a user's held-out items, ascending; a masked one has none.</summary>
    public static List<int> Ranks(Vectors users, Vectors items, ItemSets training, ItemSets heldOut, int user)
    {
        var scores = new float[items.Count];
        for (var item = 0; item < scores.Length; item++)
            for (var d = 0; d < users.Dimension; d++) scores[item] = MathF.FusedMultiplyAdd(users[user][d], items[item][d], scores[item]);
        foreach (var item in training[user]) scores[item] = float.NaN; // neither above nor equal to anything
        return [.. heldOut[user].ToArray().Where(target => !float.IsNaN(scores[target])).Select(RankOf).Order()];

        int RankOf(int target)
        {
            var rank = 1;
            for (var item = 0; item < scores.Length; item++)
                if (scores[item] > scores[target] || (scores[item] == scores[target] && item < target)) rank++;
            return rank;
        }
    }

    /// <summary>Recall, NDCG, precision, average precision, reciprocal rank and hit.</summary>
    public static double[] Metrics(List<int> ranks, int targets, int k)
    {
        var hits = ranks.FindAll(rank => rank <= k);
        var best = Math.Min(k, targets);
        return
        [
            (double)hits.Count / targets,
            hits.Sum(rank => 1 / Math.Log2(rank + 1)) / Enumerable.Range(1, best).Sum(rank => 1 / Math.Log2(rank + 1)),
            (double)hits.Count / k,
            hits.Select((rank, before) => (before + 1) / (double)rank).Sum() / best,
            hits.Count > 0 ? 1.0 / hits[0] : 0,
            hits.Count > 0 ? 1 : 0,
        ];
    }
}
