using LmmRec.Artifacts.Tables;
using LmmRec.Dense;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Baselines;

/// <summary>Nearest neighbours by who has the items in training (docs/evaluation.md#nearest-neighbours).</summary>
internal static class ItemKnn
{
    private const string Name = "item-knn";

    // Added to the denominator of a cosine, so that two items of one customer each are not the most similar of all.
    private const double Shrinkage = 100;

    /// <summary>The case.</summary>
    public static CaseSource Case { get; } = CaseSource.Untrained(Name, "ItemKNN", (data, _) => Task.FromResult(NearestNeighbours.Ranking(
        data, (threads, cancellation) => Nearest(data[Splits.Train], data.Items.Count, NearestNeighbours.K, Shrinkage, threads, cancellation))));

    /// <summary>
    /// The <paramref name="k"/> nearest of every item, and itself before them, by n_ij / (√(n_i n_j) + h): n_ij users have both, n_i the one. Items that
    /// nobody has together are no neighbours.
    /// </summary>
    public static Neighbours Nearest(ItemSets training, int items, int k, double shrinkage, int threads, CancellationToken cancellation)
    {
        var users = ItemSets.Of(items, training.Users, training.Pairs().Select(pair => (pair.Item, pair.User)));
        var nearest = new NearestSoFar(items, Math.Min(k + 1, items));
        Parallel.For(0, items, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => (Both: new int[items], Met: new List<int>()),
            (item, _, own) =>
            {
                foreach (var user in users[item])
                    foreach (var other in training[user])
                        if (own.Both[other]++ == 0) own.Met.Add(other);
                foreach (var other in own.Met)
                {
                    if (other != item) nearest.Offer(item, other, (float)(own.Both[other] / (Math.Sqrt((double)users[item].Length * users[other].Length) + shrinkage)));
                    own.Both[other] = 0;
                }
                own.Met.Clear();
                return own;
            },
            _ => { });
        return nearest.Result();
    }
}
