using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Statistics;

/// <summary>Tests any two cases against each other over the users of the test split.</summary>
internal static class PairwiseTests
{
    /// <summary>Users below which a paired test says nothing.</summary>
    public const int FewestUsers = 2;

    /// <summary>Adjusted p-values below it count (docs/evaluation.md#significance-tests).</summary>
    public const double Level = 0.05;

    /// <summary>
    /// One row per pair, metric and cut-off. The family of the corrections is all pairs of one metric and cut-off; none when there is one case or
    /// fewer than <see cref="FewestUsers"/> users. The tests that sort or draw are made of pairs with the best case or the most popular items only.
    /// </summary>
    /// <param name="cases">best first</param>
    /// <param name="margin">largest difference that does not matter, as a share of the best mean of a metric and cut-off</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between pairs</param>
    public static IReadOnlyList<TestRow> Of(IReadOnlyList<MeasuredCase> cases, double margin, int threads, CancellationToken cancellation)
    {
        if (cases[0].Test.Users.Count < FewestUsers) return [];
        var pairs = Enumerable.Range(0, cases.Count).SelectMany(a => Enumerable.Range(a + 1, cases.Count - a - 1).Select(b => (A: a, B: b))).ToList();
        return [.. cases[0].Test.Columns.SelectMany(column => Family(cases, pairs, column, margin, threads, cancellation))];
    }

    private static TestRow[] Family(
        IReadOnlyList<MeasuredCase> cases, List<(int A, int B)> pairs, (RankingMetric Metric, int Cutoff) column, double margin, int threads, CancellationToken cancellation)
    {
        var absolute = margin * cases.Max(c => c.Test.Mean(column.Metric, column.Cutoff));
        var values = cases.Select(c => c.Test[column.Metric, column.Cutoff]).ToArray();
        var drawn = Resampling.Of(values, threads, cancellation);
        var rows = new TestRow[pairs.Count];
        Parallel.For(0, pairs.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancellation },
            i =>
            {
                var (a, b) = pairs[i];
                rows[i] = Row(cases[a], cases[b], column, absolute);
                if (a == 0 || cases[a].Case.IsBaseline || cases[b].Case.IsBaseline) rows[i] = Thorough(rows[i], values[a], values[b], drawn.RandomizationP(a, b), drawn.Bootstrap(a, b));
            });
        var (holm, falseDiscovery) = (HolmBonferroni.Adjust([.. rows.Select(row => row.P)]), BenjaminiHochberg.Adjust([.. rows.Select(row => row.P)]));
        var equivalence = HolmBonferroni.Adjust([.. rows.Select(row => row.PEquivalence)]);
        return [.. rows.Select((row, i) => row with { PHolm = holm[i], PBh = falseDiscovery[i], PEquivalenceHolm = equivalence[i], Verdict = Of(holm[i], equivalence[i]).ToString().ToLowerInvariant() })];
    }

    private static TestRow Row(MeasuredCase a, MeasuredCase b, (RankingMetric Metric, int Cutoff) column, double margin)
    {
        var (valuesA, valuesB) = (a.Test[column.Metric, column.Cutoff], b.Test[column.Metric, column.Cutoff]);
        var test = PairedTTest.Of(valuesA, valuesB);
        var (wins, ties) = (0, 0);
        for (var u = 0; u < valuesA.Length; u++)
            if (valuesA[u] > valuesB[u]) wins++;
            else if (valuesA[u] == valuesB[u]) ties++;
        return new TestRow(
            a.Case.Name, b.Case.Name, column.Metric.InTables(), column.Cutoff, test.Users, test.MeanA, test.MeanB, test.Difference,
            test.Difference - test.HalfWidth, test.Difference + test.HalfWidth, null, null, test.EffectSize, wins, ties, test.Users - wins - ties,
            test.T, test.DegreesOfFreedom, test.P, PHolm: 1, PBh: 1, PWilcoxon: null, PRandomization: null, margin, margin > 0 ? test.EquivalenceP(margin) : 1, PEquivalenceHolm: 1, Verdict: "");
    }

    private static TestRow Thorough(TestRow row, double[] a, double[] b, double randomization, (double Low, double High) bootstrap) => row with
    {
        BootstrapLow = bootstrap.Low,
        BootstrapHigh = bootstrap.High,
        PWilcoxon = WilcoxonSignedRank.P([.. a.Zip(b, (x, y) => x - y)]),
        PRandomization = randomization,
    };

    private static Verdict Of(double holm, double equivalence) => (holm < Level, equivalence < Level) switch
    {
        (true, true) => Verdict.Slight,
        (true, false) => Verdict.Different,
        (false, true) => Verdict.Equivalent,
        _ => Verdict.Undecided,
    };
}
