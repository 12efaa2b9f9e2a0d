using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Statistics;

/// <summary>Tests any two cases against each other over the users of the test split.</summary>
internal static class PairwiseTests
{
    /// <summary>Users below which a paired test says nothing.</summary>
    public const int FewestUsers = 2;

    /// <summary>Whether a row tests these two cases, in either order.</summary>
    public static bool IsBetween(this TestRow test, string a, string b) =>
        (test.CaseA == a && test.CaseB == b) || (test.CaseA == b && test.CaseB == a);

    /// <summary>
    /// One row per pair, metric and cut-off. The family of the correction is all pairs of one metric and cut-off; none when there is one case or
    /// fewer than <see cref="FewestUsers"/> users.
    /// </summary>
    public static IReadOnlyList<TestRow> Of(IReadOnlyList<MeasuredCase> cases)
    {
        if (cases[0].Test.Users.Count < FewestUsers) return [];
        var pairs = cases.SelectMany((a, i) => cases.Skip(i + 1).Select(b => (A: a, B: b))).ToList();
        var rows = new List<TestRow>();
        foreach (var (metric, cutoff) in cases[0].Test.Columns)
        {
            var tests = pairs.ConvertAll(pair => PairedTTest.Of(pair.A.Test[metric, cutoff], pair.B.Test[metric, cutoff]));
            var adjusted = HolmBonferroni.Adjust(tests.ConvertAll(test => test.P));
            for (var i = 0; i < pairs.Count; i++)
            {
                var test = tests[i];
                rows.Add(new TestRow(pairs[i].A.Case.Name, pairs[i].B.Case.Name, metric.InTables(), cutoff, test.Users, test.MeanA, test.MeanB,
                    test.Difference, test.T, test.DegreesOfFreedom, test.P, adjusted[i]));
            }
        }
        return rows;
    }
}
