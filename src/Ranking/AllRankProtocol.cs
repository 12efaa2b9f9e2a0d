namespace LmmRec.Ranking;

/// <summary>
/// The all-rank protocol (docs/evaluation.md#all-rank-protocol): every item is a candidate for every user, only the user's training items are
/// masked, and users without held-out items are skipped.
/// </summary>
public static class AllRankProtocol
{
    /// <summary>Measures two tables of vectors.</summary>
    /// <param name="users">vectors of all users</param>
    /// <param name="items">vectors of all items, of the same dimension</param>
    /// <param name="training">items to mask, per user</param>
    /// <param name="heldOut">items to find, per user: those of the validation or of the test split; one without a vector is not found</param>
    /// <param name="metrics">what to measure</param>
    /// <param name="cutoffs">values of K, each at least 1; a K above the number of items is measured on the whole ranking</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between blocks of users</param>
    /// <exception cref="InvalidVectorException">A vector holds NaN, infinity or a value so large that a score would be infinite.</exception>
    public static UserMetrics Measure(
        Vectors users, Vectors items, ItemSets training, ItemSets heldOut,
        IReadOnlyList<RankingMetric> metrics, IReadOnlyList<int> cutoffs, int threads, CancellationToken cancellation)
    {
        var who = heldOut.UsersWithItems();
        var columns = (from metric in metrics from cutoff in cutoffs select (metric, cutoff)).ToArray();
        var values = columns.Select(_ => new double[who.Length]).ToArray(); // [columns][users]
        using var ranker = new Ranker(items);
        ranker.Rank(users, who, training, Math.Min(cutoffs.Max(), items.Count), threads, (position, ranked) =>
        {
            var targets = heldOut[who[position]];
            for (var c = 0; c < columns.Length; c++)
                values[c][position] = RankingMetrics.Value(columns[c].metric, ranked, targets, columns[c].cutoff);
        }, cancellation);
        return new UserMetrics(who, columns, values);
    }
}

/// <summary>Metrics per user, in double precision and not rounded.</summary>
public sealed class UserMetrics
{
    private readonly double[][] _values;

    internal UserMetrics(int[] users, (RankingMetric, int)[] columns, double[][] values) => (Users, Columns, _values) = (users, columns, values);

    /// <summary>Dense indices of the users that were measured, ascending.</summary>
    public IReadOnlyList<int> Users { get; }

    /// <summary>The metrics and cut-offs that were measured.</summary>
    public IReadOnlyList<(RankingMetric Metric, int Cutoff)> Columns { get; }

    /// <summary>One value per user, in the order of <see cref="Users"/>.</summary>
    public double[] this[RankingMetric metric, int cutoff] =>
        _values[Columns.TakeWhile(column => column != (metric, cutoff)).Count()];

    /// <summary>The arithmetic mean over users; NaN when there are none.</summary>
    public double Mean(RankingMetric metric, int cutoff) => this[metric, cutoff].DefaultIfEmpty(double.NaN).Average();
}
