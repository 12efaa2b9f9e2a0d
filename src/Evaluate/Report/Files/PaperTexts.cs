using LmmRec.Evaluate.Paper;

namespace LmmRec.Evaluate.Report.Files;

/// <summary>The paper's tables and counts as tables of texts.</summary>
internal static class PaperTexts
{
    public static TextSection Of(PaperTables tables) => new(
        $"The paper's tables, {string.Join(", ", tables.Datasets)}",
        [
            "In the layout of “Large Multi-modal Encoders for Recommendation” (2023); bold: best of the rows that are compared.", .. tables.Notes,
        ],
        [.. tables.Tables.Select(table => Table(table, tables.IsPaper)), .. tables.Counts.Count > 0 ? [Counts(tables)] : Array.Empty<TextTable>()]);

    // Below our values stand the printed ones and the differences, in rows of their own: cells of three numbers would be too wide.
    private static TextTable Table(PaperTable table, bool isPaper) => new(
        $"Table {table.Number}: {table.Title}", table.Columns,
        [.. table.Rows.SelectMany(row => isPaper ? new[] { Ours(row), Published(row), Difference(row) } : [Ours(row)])], table.Sentence);

    private static TextRow Ours(PaperTableRow row) => new(row.Label, [.. row.Cells.Select(cell => new TextCell(cell.Ours is null ? "–" : row.Write(cell.Ours), cell.IsBest))]);

    private static TextRow Published(PaperTableRow row) => new("  paper", [.. row.Cells.Select(cell => new TextCell(cell.Published is null ? "–" : row.WritePublished(cell.Published)))]);

    private static TextRow Difference(PaperTableRow row) => new("  difference", [.. row.Cells.Select(cell => new TextCell(cell.Difference is { } d ? row.WriteDifference(d) : ""))]);

    private static TextTable Counts(PaperTables tables) => new(
        "The paper's questions, counted in cells", tables.IsPaper ? [("", "the paper says"), ("", "in its tables"), ("", "here")] : [("", "here")],
        [.. tables.Counts.Select(count => new TextRow($"RQ{count.Ours.Question}: {count.Ours.What}",
            tables.IsPaper ? [new(count.Published.Printed), new(Numbers.Share(count.Published.Count, count.Published.Of)), new(Numbers.Share(count.Ours.Count, count.Ours.Of))] : [new(Numbers.Share(count.Ours.Count, count.Ours.Of))]))],
        "A cell is one metric of one case on one data set. Stars are those of the tables above.");
}
