using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>Whether recommenders use what the features say of the items: what came of each case beside its control. Nothing where none was tested.</summary>
internal static class ControlSection
{
    // More rows than these scroll.
    private const int MostRows = 15;

    public static Html Of(Evaluation evaluation)
    {
        var findings = ControlFinding.Of(evaluation);
        var column = MetricNames.Display(Evaluation.MainMetric.InTables(), evaluation.MainCutoff);
        return Html.If(findings.Count > 0, $"""
            {Frame.Of("Cases beside their controls", Html.Of($"""
                <table>
                {Head.Of(["Finding"], [column, "Control's", "p"])}
                <tbody>{findings.Select(Row)}</tbody>
                </table>
                """), findings.Count > MostRows ? "tall" : "")}
            <p class="note">A control is trained as its case, on features without content: shuffled among the items, noise of the same moments, or a constant. A recommender that does
            as well on them does not use the content of its features. p: paired t-test over users, adjusted for all pairs of cases.</p>
            """);
    }

    private static Html Row(ControlFinding finding) => Html.Of($"""
        <tr><th scope="row">{finding.Sentence}</th><td class="number">{finding.Mean:F4}</td><td class="number">{finding.MeanOfControl:F4}</td><td class="number">{Numbers.P(finding.Test.PHolm)}</td></tr>
        """);
}
