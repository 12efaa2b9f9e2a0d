using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Report;

/// <summary>The paired tests: one row per pair of cases, one column per metric and cut-off.</summary>
internal static class TestTable
{
    public static Html Of(Evaluation evaluation)
    {
        if (evaluation.Compare == Comparison.None)
            return Html.Of($"""<p class="note">No comparison was asked for (<code>evaluate.compare</code> is <code>none</code>).</p>""");
        if (evaluation.Tests.Count == 0)
            return Html.Of($"""<p class="note">A paired test needs at least {PairwiseTests.FewestUsers} users with test interactions.</p>""");
        var titles = evaluation.Cases.ToDictionary(c => c.Case.Name, c => c.Case.Title);
        return Html.Of($"""
            <div class="scroll tall"><table>
            {Head.Of(["A", "B"], evaluation.Cases[0].Test.Columns.Select(c => MetricNames.Display(c.Metric.InTables(), c.Cutoff)))}
            <tbody>
            {evaluation.Tests.GroupBy(test => (test.CaseA, test.CaseB)).Select(pair => Html.Of($"""
                <tr><th scope="row">{titles[pair.Key.CaseA]}</th><th scope="row">{titles[pair.Key.CaseB]}</th>{pair.Select(Cell)}</tr>
                """))}
            </tbody>
            </table></div>
            <p class="note">A − B with the adjusted p-value of the paired t-test. Coloured: significant at {Numbers.Significance}.</p>
            """);
    }

    private static Html Cell(TestRow test)
    {
        var verdict = test.PHolm >= Numbers.Significance ? "open" : test.Difference > 0 ? "more" : "less";
        return Html.Of($"""
            <td class="number {verdict}">{test.Difference:+0.0000;−0.0000;0.0000}<small>{Numbers.P(test.PHolm)}</small></td>
            """);
    }
}
