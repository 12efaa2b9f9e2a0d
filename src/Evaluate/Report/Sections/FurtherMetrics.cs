using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>Means of the metrics that cases are not compared by.</summary>
internal static class FurtherMetrics
{
    // Longer tables scroll.
    private const int MostRows = 20;

    public static Html Of(IReadOnlyList<MeasuredCase> cases)
    {
        List<(string Metric, int Cutoff)> columns = [.. cases[0].MetricRows
            .Where(row => row is { Split: Splits.Test, Group: MetricGroup.All }).Select(row => (row.Metric, row.Cutoff))
            .Except(cases[0].Test.Columns.Select(column => (column.Metric.InTables(), column.Cutoff)))];
        return Html.Of($"""
            {Frame.Of("Further metrics", Html.Of($"""
            <table class="results">
            {Head.Of(["Case"], columns.Select(c => MetricNames.Display(c.Metric, c.Cutoff)))}
            <tbody>
            {cases.Select(row => Html.Of($"""
                <tr><th scope="row">{row.Case.Title}<small>{row.Case.Name}</small></th>
                {columns.Select(c => Html.Of($"""<td class="number">{row.Mean(MetricGroup.All, c.Metric, c.Cutoff)?.Value:F4}</td>"""))}</tr>
                """))}
            </tbody>
            </table>
            """), cases.Count > MostRows ? "tall" : "")}
            <p class="note">Precision: hits by K. MAP: mean over a user's hidden items of the precision down to each. MRR: the inverse of the first hit's
            rank. Hit: the share of users with a hit. Coverage: the share of the items that anybody is recommended. Gini: 0 where all items are recommended
            as often, near 1 where few are all the time. Novelty: how many bits it tells that a user has a recommended item. Popularity: how popular the
            recommended items are beside those that the users had. Intra-list: how alike the items of a list are by who has them. No tests are made of
            these.</p>
            """);
    }
}
