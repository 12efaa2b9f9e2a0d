using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>How well cases find items that nobody met in training; nothing where the test split holds none.</summary>
internal static class ColdSection
{
    public static Html Of(IReadOnlyList<MeasuredCase> cases)
    {
        var (metric, cutoff) = cases[0].Test.Columns[0];
        return cases[0].Mean(MetricGroup.ColdItems, metric.InTables(), cutoff) is not { Users: var users } ? default : Html.Of($"""
            {Frame.Of("Items that nobody met in training", Html.Of($"""
            <table class="results">
            {Head.Of(["Case"], cases[0].Test.Columns.Select(c => MetricNames.Display(c.Metric.InTables(), c.Cutoff)))}
            <tbody>
            {cases.Select(row => Html.Of($"""
                <tr><th scope="row">{row.Case.Title}<small>{row.Case.Name}</small></th>{row.Test.Columns.Select(c => Cell(cases, row, c))}</tr>
                """))}
            </tbody>
            </table>
            """))}
            <p class="note">Cold start: of the test split only these items count as hits, and all items still compete. Means over the {users:N0} users who have
            some; <b>bold</b>: best of the column.</p>
            """);
    }

    private static Html Cell(IReadOnlyList<MeasuredCase> cases, MeasuredCase row, (RankingMetric Metric, int Cutoff) column)
    {
        var mean = MeanOf(row);
        return mean == cases.Max(MeanOf) ? Html.Of($"""<td class="number"><b>{mean:F4}</b></td>""") : Html.Of($"""<td class="number">{mean:F4}</td>""");

        double MeanOf(MeasuredCase measured) => measured.Mean(MetricGroup.ColdItems, column.Metric.InTables(), column.Cutoff)!.Value;
    }
}
