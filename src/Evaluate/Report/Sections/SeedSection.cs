using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>How far the seeds of a combination lie apart; nothing where no combination has several.</summary>
internal static class SeedSection
{
    public static Html Of(Evaluation evaluation)
    {
        var several = Combination.Of(evaluation).Where(c => c.Seeds.Count > 1).ToList();
        return Html.If(several.Count > 0, $"""
            {Frame.Of("Mean and spread over seeds", Html.Of($"""
                <table class="results">
                {Head.Of(["Combination"], ["Seeds", .. evaluation.Cases[0].Test.Columns.Select(c => MetricNames.Display(c.Metric.InTables(), c.Cutoff))])}
                <tbody>{several.Select(c => Html.Of($"""
                    <tr><th scope="row">{c.Title}</th><td class="number">{c.Seeds.Count}</td>
                    {evaluation.Cases[0].Test.Columns.Select(column => c.Over(column.Metric, column.Cutoff)).Select(over => Html.Of($"""
                        <td class="number">{over.Mean:F4}<small>± {over.Deviation:F4}</small></td>
                        """))}</tr>
                    """))}</tbody>
                </table>
                """))}
            <p class="note">Mean over seeds of the means over users, ± the standard deviation over seeds. A difference between two combinations that is not larger than
            this spread can come of the seed.</p>
            """);
    }
}
