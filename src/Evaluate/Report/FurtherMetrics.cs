using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report;

/// <summary>Means of the metrics that cases are not compared by.</summary>
internal static class FurtherMetrics
{
    public static Html Of(IReadOnlyList<MeasuredCase> cases)
    {
        List<(RankingMetric Metric, int Cutoff)> columns = [.. cases[0].Test.Columns.Except(cases[0].Compared)];
        return Html.Of($"""
            <div class="scroll"><table class="results">
            {Head.Of(["Case"], columns.Select(c => MetricNames.Display(c.Metric.InTables(), c.Cutoff)))}
            <tbody>
            {cases.Select(row => Html.Of($"""
                <tr><th scope="row">{row.Case.Title}<small>{row.Case.Name}</small></th>
                {columns.Select(c => Html.Of($"""<td class="number">{row.Test.Mean(c.Metric, c.Cutoff):F4}</td>"""))}</tr>
                """))}
            </tbody>
            </table></div>
            <p class="note">Precision: hits by K. MAP: mean over a user's hidden items of the precision down to each. MRR: the inverse of the first hit's
            rank. Hit: the share of users with a hit. No tests are made of them.</p>
            """);
    }
}
