using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate;

/// <summary>
/// How a case moved from one measurement to the next by the main metric: a paired t-test over the users that are in both, whom the shop's own ids tell, since dense indices
/// change with the data (docs/nightly.md#drift).
/// </summary>
/// <param name="Case">name of the case</param>
/// <param name="Metric">such as <c>Recall@20</c></param>
/// <param name="Users">in both measurements</param>
/// <param name="Before">mean over these users, the last time</param>
/// <param name="After">mean over these users, today</param>
/// <param name="HalfWidth">half the width of the 95 % interval of the difference</param>
/// <param name="P">of the test</param>
/// <param name="Holm">the same after the correction over the cases of the data set</param>
public sealed record Drift(string Case, string Metric, int Users, double Before, double After, double HalfWidth, double P, double Holm)
{
    /// <summary>After − Before.</summary>
    public double Difference => After - Before;

    /// <summary>Whether the users are served worse than before, by more than chance.</summary>
    public bool IsWorse => Difference < 0 && Holm < PairwiseTests.Level;

    /// <summary>The drift of the cases that were measured twice and have two users or more in both; in the order of their names.</summary>
    /// <param name="dataSet">the data set as it was measured today</param>
    /// <param name="formerOf">the folder of what a folder of a measured case held before; null: nothing, or the same as today</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">A table is missing or broken.</exception>
    public static async Task<IReadOnlyList<Drift>> OfAsync(EvaluatedDataSet dataSet, Func<string, Task<string?>> formerOf, CancellationToken cancellation)
    {
        var cases = new List<(string Name, List<PerUserRow> Before, List<PerUserRow> After)>();
        foreach (var name in Evaluation.Order(dataSet).Order(StringComparer.Ordinal))
            if (await formerOf(dataSet.EvaluationOf(name)) is { } former) cases.Add((name, await ReadAsync(former), await ReadAsync(dataSet.EvaluationOf(name))));
        if (cases.Count == 0) return [];
        // The largest cut-off at which the metric tells cases apart, as everywhere.
        var cutoffs = cases.SelectMany(c => c.After).GroupBy(row => row.Cutoff).OrderByDescending(rows => rows.Key).ToList();
        var cutoff = (cutoffs.Find(rows => rows.Any(row => row.Recall < 1)) ?? cutoffs[0]).Key;
        var tests = cases.Select(c => (c.Name, Test: Test(c.Before, c.After, cutoff))).Where(c => c.Test is not null).ToList();
        var holm = HolmBonferroni.Adjust([.. tests.Select(c => c.Test!.P)]);
        var metric = MetricNames.Display(Evaluation.MainMetric.InTables(), cutoff);
        return [.. tests.Zip(holm, (c, p) => new Drift(c.Name, metric, c.Test!.Users, c.Test.MeanB, c.Test.MeanA, c.Test.HalfWidth, c.Test.P, p))];

        Task<List<PerUserRow>> ReadAsync(string folder) => TableFile.ReadAsync<PerUserRow>(TableFile.PathOf<PerUserRow>(folder), cancellation);
    }

    private static PairedTTest? Test(List<PerUserRow> before, List<PerUserRow> after, int cutoff)
    {
        var former = before.Where(row => row.Cutoff == cutoff).ToDictionary(row => row.UserId, row => row.Recall, StringComparer.Ordinal);
        var both = after.FindAll(row => row.Cutoff == cutoff && former.ContainsKey(row.UserId));
        return both.Count < 2 ? null : PairedTTest.Of([.. both.Select(row => row.Recall)], [.. both.Select(row => former[row.UserId])]);
    }
}
