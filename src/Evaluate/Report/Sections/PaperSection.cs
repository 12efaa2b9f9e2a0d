using LmmRec.Evaluate.Paper;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>The paper's tables and counts as sections of the report's page; nothing where a study has none.</summary>
internal static class PaperSection
{
    /// <summary>One section per group of data sets.</summary>
    public static IEnumerable<Section> Of(IReadOnlyList<PaperTables> all) => all.Select(tables => new Section($"The paper's tables, {string.Join(", ", tables.Datasets)}", Body(tables)));

    private static Html Body(PaperTables tables) => Html.Of($"""
        <p class="note">In the layout of <em>Large Multi-modal Encoders for Recommendation</em> (2023). {Html.If(tables.IsPaper, $"""
            Below each value stand the printed one and the difference to it.
            """)}
        {string.Join(' ', tables.Notes)}</p>
        {tables.Tables.Select(Table)}
        {Html.If(tables.Counts.Count > 0, $"{Counts(tables)}")}
        """);

    private static Html Table(PaperTable table) => Html.Of($"""
        <h3>Table {table.Number}: {table.Title}</h3>
        {Frame.Of($"Table {table.Number}", Html.Of($"""
        <table class="results">
        {Heads(table)}
        <tbody>
        {table.Rows.Select(row => Html.Of($"""
            <tr><th scope="row">{row.Label}</th>{row.Cells.Select(cell => Cell(row, cell))}</tr>
            """))}
        </tbody>
        </table>
        """))}
        <p class="note">{table.Sentence}</p>
        """);

    private static Html Heads(PaperTable table)
    {
        var groups = table.Columns.GroupBy(column => column.Dataset).ToList();
        var metrics = table.Columns.Any(column => column.Metric.Length > 0);
        return Html.Of($"""
            <thead>
            <tr><th scope="col" rowspan="{(metrics ? 2 : 1)}">Case</th>{groups.Select(group => Html.Of($"""<th scope="colgroup" class="number" colspan="{group.Count()}">{group.Key}</th>"""))}</tr>
            {Html.If(metrics, $"<tr>{table.Columns.Select(column => Html.Of($"""<th scope="col" class="number">{column.Metric}</th>"""))}</tr>")}
            </thead>
            """);
    }

    private static Html Cell(PaperTableRow row, ShownCell cell)
    {
        var (ours, published) = (cell.Ours is null ? "–" : row.Write(cell.Ours), cell.Published is null ? "" : row.WritePublished(cell.Published));
        var difference = cell.Difference is { } d ? $" · {row.WriteDifference(d)}" : "";
        var value = cell.IsBest ? Html.Of($"<b>{ours}</b>") : Html.Of($"{ours}");
        return Html.Of($"""<td class="number">{value}{Html.If(published.Length > 0, $"<small>{published}{difference}</small>")}</td>""");
    }

    private static Html Counts(PaperTables tables)
    {
        IReadOnlyList<string> columns = tables.IsPaper ? ["the paper says", "in its tables", "here"] : ["here"];
        return Html.Of($"""
            <h3>The paper's questions, counted in cells</h3>
            {Frame.Of("The paper's questions, counted in cells", Html.Of($"""
            <table>
            {Head.Of(["Question", "What"], columns)}
            <tbody>
            {tables.Counts.Select(count => Html.Of($"""
                <tr><th scope="row">RQ{count.Ours.Question}</th><td>{count.Ours.What}</td>{Html.If(tables.IsPaper, $"""
                    <td class="number">{count.Published.Printed}</td><td class="number">{Numbers.Share(count.Published.Count, count.Published.Of)}</td>
                    """)}<td class="number">{Numbers.Share(count.Ours.Count, count.Ours.Of)}</td></tr>
                """))}
            </tbody>
            </table>
            """))}
            <p class="note">A cell is one metric of one case on one data set. {Html.If(tables.IsPaper, $"""
                Counted again from the paper's printed tables, some of its shares come out otherwise.
                """)} Stars are those of the tables above.</p>
            """);
    }
}
