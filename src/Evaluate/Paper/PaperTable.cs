using System.Globalization;

namespace LmmRec.Evaluate.Paper;

/// <summary>One of the paper's tables, filled.</summary>
/// <param name="Number">1 to 5</param>
/// <param name="Title">what it shows</param>
/// <param name="Columns">data set and metric of each column; of Table 2 the metric is empty</param>
/// <param name="Rows">rows, a cell per column each</param>
/// <param name="Sentence">what was compared, by which test, over which family, at which level; and what is missing</param>
internal sealed record PaperTable(
    int Number, string Title, IReadOnlyList<(string Dataset, string Metric)> Columns, IReadOnlyList<PaperTableRow> Rows, string Sentence);

/// <summary>A row of a table.</summary>
/// <param name="Label">such as <c>MMGCL with CLIP-FT</c></param>
/// <param name="Format">how its values are written: a format of the runtime</param>
/// <param name="Cells">its cells</param>
internal sealed record PaperTableRow(string Label, string Format, IReadOnlyList<ShownCell> Cells)
{
    /// <summary>A value as it is shown, with the star of its test.</summary>
    public string Write(PaperCell cell) => cell.Value.ToString(Format, CultureInfo.InvariantCulture) + (cell.Star == true ? "*" : "");

    /// <summary>A printed value, with a question mark where it is likely a misprint.</summary>
    public string WritePublished(PaperCell cell) => Write(cell) + (PublishedCells.IsDoubtful(cell) ? "?" : "");

    /// <summary>A difference with its sign.</summary>
    public string WriteDifference(double difference) => difference.ToString($"+{Format};−{Format};{Format}", CultureInfo.InvariantCulture);
}

/// <summary>Our value and the paper's.</summary>
/// <param name="Ours">null: the study has no such case</param>
/// <param name="Published">null: the paper has no such value</param>
/// <param name="IsBest">whether ours is the best of its family in its column</param>
internal sealed record ShownCell(PaperCell? Ours, PaperCell? Published, bool IsBest)
{
    /// <summary>Ours less the paper's; null where one is missing.</summary>
    public double? Difference => Ours is not null && Published is not null ? Ours.Value - Published.Value : null;
}
