namespace LmmRec.Evaluate.Paper;

/// <summary>What a row of the paper's tables is of.</summary>
/// <param name="Model">recommender, such as <c>MMGCL</c></param>
/// <param name="Encoder">one of <see cref="PaperNames"/></param>
/// <param name="Paradigm"><c>PT</c>, <c>FT</c> or <c>ETE</c></param>
/// <param name="Modality"><c>V</c>, <c>T</c> or <c>V+T</c></param>
internal sealed record PaperRow(string Model, string Encoder, string Paradigm, string Modality);

/// <summary>One value of a table in the paper's layout, as it was printed or as it was measured here.</summary>
/// <param name="Table">number of the table, 1 to 5</param>
/// <param name="Dataset">column group, such as <c>Baby</c></param>
/// <param name="Row">row</param>
/// <param name="Metric">column of the group, such as <c>NDCG@20</c>; of Table 2 the quantity</param>
/// <param name="Value">the mean over users, or the quantity</param>
/// <param name="Star">whether a test found it different from what its table compares it with; null: it was not tested</param>
internal sealed record PaperCell(int Table, string Dataset, PaperRow Row, string Metric, double Value, bool? Star);

/// <summary>Cells by their place.</summary>
internal sealed class PaperCells(IReadOnlyList<PaperCell> cells)
{
    private readonly Dictionary<(int, string, PaperRow, string), PaperCell> _places = cells.ToDictionary(cell => (cell.Table, cell.Dataset, cell.Row, cell.Metric));

    public IReadOnlyList<PaperCell> All => cells;

    /// <summary>The cell at a place; null where there is none.</summary>
    public PaperCell? Find(int table, string dataset, PaperRow row, string metric) => _places.GetValueOrDefault((table, dataset, row, metric));
}
