using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>The paired tests: one row per pair of cases, one column per metric and cut-off.</summary>
internal static class TestTable
{
    // Of more cases than these, pairs among the others are left out: 100 cases have 4,950 pairs.
    private const int MostCases = 12;

    public static Html Of(Evaluation evaluation)
    {
        if (evaluation.Options.Compare == Comparison.None)
            return Html.Of($"""<p class="note">No comparison was asked for (<code>evaluate.compare</code> is <code>none</code>).</p>""");
        if (evaluation.Tests.Count == 0)
            return Html.Of($"""<p class="note">A paired test needs at least {PairwiseTests.FewestUsers} users with test interactions.</p>""");
        var best = evaluation.Cases.Take(MostCases).Concat(evaluation.Cases.Where(c => c.Case.IsBaseline)).Select(c => c.Case.Name).ToHashSet();
        var titles = evaluation.Cases.ToDictionary(c => c.Case.Name, c => c.Case.Title);
        return Html.Of($"""
            {Frame.Of("Differences between cases", Html.Of($"""
            <table>
            {Head.Of(["A", "B"], evaluation.Cases[0].Test.Columns.Select(c => MetricNames.Display(c.Metric.InTables(), c.Cutoff)))}
            <tbody>
            {evaluation.Tests.Where(test => best.Contains(test.CaseA) && best.Contains(test.CaseB)).GroupBy(test => (test.CaseA, test.CaseB)).Select(pair => Html.Of($"""
                <tr><th scope="row">{titles[pair.Key.CaseA]}</th><th scope="row">{titles[pair.Key.CaseB]}</th>{pair.Select(Cell)}</tr>
                """))}
            </tbody>
            </table>
            """), "tall")}
            {Html.If(evaluation.Cases.Count > best.Count, $"""
                <p class="note">Pairs among the {MostCases} best of {evaluation.Cases.Count} cases and the most popular items; the table <code>tests</code> has all.</p>
                """)}
            <p class="note">{Sentence(evaluation, evaluation.Tests.Select(test => (test.CaseA, test.CaseB)).Distinct().Count())}</p>
            """);
    }

    private static Html Sentence(Evaluation evaluation, int pairs) => Html.Of($"""
        A − B with the p-value of the two-sided paired t-test over {evaluation.Cases[0].Test.Users.Count:N0} users. The family of a column is all
        {pairs:N0} {(pairs == 1 ? "pair" : "pairs")} of cases; p is adjusted by Holm–Bonferroni, at level {PairwiseTests.Level}. Coloured: different.
        <span class="equal">≈ equivalent</span>: shown to lie within {Numbers.Percent(evaluation.Options.Margin)} of the column's best mean, by two
        one-sided tests over the same family. Neither: undecided, which is no sign that both are equal.
        """);

    private static Html Cell(TestRow test)
    {
        var verdict = Enum.Parse<Verdict>(test.Verdict, ignoreCase: true);
        var style = verdict is Verdict.Undecided or Verdict.Equivalent ? "open" : test.Difference > 0 ? "more" : "less";
        var equal = Html.If(verdict is Verdict.Equivalent or Verdict.Slight, $"""<small class="equal">{(verdict == Verdict.Slight ? "within the margin" : "≈ equivalent")}</small>""");
        return Html.Of($"""
            <td class="number {style}">{test.Difference:+0.0000;−0.0000;0.0000}<small>{Numbers.P(test.PHolm)}</small>{equal}</td>
            """);
    }
}
