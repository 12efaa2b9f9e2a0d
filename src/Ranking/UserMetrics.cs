namespace LmmRec.Ranking;

/// <summary>Metrics per user, in double precision and not rounded.</summary>
public sealed class UserMetrics
{
    private readonly double[][] _values; // [columns][users]

    /// <summary>Metrics that are still to be filled in.</summary>
    internal UserMetrics(IReadOnlyList<int> users, IReadOnlyList<RankingMetric> metrics, IReadOnlyList<int> cutoffs)
    {
        (Users, Columns) = (users, [.. from metric in metrics from cutoff in cutoffs select (metric, cutoff)]);
        _values = [.. Columns.Select(_ => new double[users.Count])];
    }

    /// <param name="users">dense indices of the users that were measured, ascending</param>
    /// <param name="columns">what was measured</param>
    /// <param name="values">by column one value per user; not copied</param>
    public UserMetrics(IReadOnlyList<int> users, IReadOnlyList<(RankingMetric Metric, int Cutoff)> columns, double[][] values) =>
        (Users, Columns, _values) = (users, columns, values);

    /// <summary>Dense indices of the users that were measured, ascending.</summary>
    public IReadOnlyList<int> Users { get; }

    /// <summary>The metrics and cut-offs that were measured.</summary>
    public IReadOnlyList<(RankingMetric Metric, int Cutoff)> Columns { get; }

    /// <summary>One value per user, in the order of <see cref="Users"/>.</summary>
    public double[] this[RankingMetric metric, int cutoff] =>
        _values[Columns.TakeWhile(column => column != (metric, cutoff)).Count()];

    /// <summary>The arithmetic mean over users; NaN when there are none.</summary>
    public double Mean(RankingMetric metric, int cutoff) => this[metric, cutoff].DefaultIfEmpty(double.NaN).Average();

    /// <summary>Measures lists that are there: of their users those who have held-out items.</summary>
    /// <param name="lists">what was recommended, to users in ascending order</param>
    /// <param name="heldOut">items to find, per user</param>
    /// <param name="metrics">what to measure</param>
    /// <param name="cutoffs">values of K, each at least 1</param>
    public static UserMetrics Of(RankedLists lists, ItemSets heldOut, IReadOnlyList<RankingMetric> metrics, IReadOnlyList<int> cutoffs)
    {
        int[] positions = [.. Enumerable.Range(0, lists.Users.Count).Where(position => heldOut[lists.Users[position]].Length > 0)];
        var measured = new UserMetrics(Array.ConvertAll(positions, position => lists.Users[position]), metrics, cutoffs);
        for (var i = 0; i < positions.Length; i++) measured.Set(i, lists[positions[i]], heldOut[measured.Users[i]]);
        return measured;
    }

    internal void Set(int position, ReadOnlySpan<int> ranked, ReadOnlySpan<int> targets)
    {
        for (var c = 0; c < Columns.Count; c++) _values[c][position] = RankingMetrics.Value(Columns[c].Metric, ranked, targets, Columns[c].Cutoff);
    }
}
