using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>The main metric over groups of users and items; nothing where there is no group.</summary>
internal static class GroupSection
{
    private const int MostCases = 20;

    public static Html Of(Evaluation evaluation)
    {
        var (metric, cutoff) = (Evaluation.MainMetric.InTables(), evaluation.MainCutoff);
        var groups = evaluation.Cases[0].MetricRows
            .Where(row => row is { Split: Splits.Test, Group: not (MetricGroup.All or MetricGroup.ColdItems) } && row.Metric == metric && row.Cutoff == cutoff).ToList();
        var cases = evaluation.Cases.Take(MostCases).ToList();
        return Html.If(groups.Count > 0, $"""
            {Frame.Of("Groups of users and items", Html.Of($"""
                <table>
                <thead><tr><th scope="col">Case</th>{groups.Select(group => Html.Of($"""<th scope="col" class="number">{Title(group.Group)}<small>{group.Users:N0} users</small></th>"""))}</tr></thead>
                <tbody>{cases.Select(c => Html.Of($"""
                    <tr><th scope="row">{c.Case.Title}</th>{groups.Select(group => Html.Of($"""<td class="number">{c.Mean(group.Group, metric, cutoff)?.Value:F4}</td>"""))}</tr>
                    """))}</tbody>
                </table>
                """))}
            <p class="note">{MetricNames.Display(metric, cutoff)} by how many training items a user has, and by how many users have a hidden item in training; all items compete
            in each group{ReportPage.Shown(evaluation.Cases, MostCases)}. No tests are made of groups.</p>
            """);
    }

    // activity-4-6 is a name of the table of metrics.
    private static string Title(string group) => group.Split('-', 2) switch
    {
        ["activity", var range] => $"users with {range.Replace('-', '–')} items",
        ["popularity", var range] => $"items with {range.Replace('-', '–')} users",
        _ => group.Replace('-', ' '),
    };
}
