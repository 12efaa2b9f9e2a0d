using LmmRec.Artifacts.Tables;
using Microsoft.ML;

namespace LmmRec.MachineLearning;

/// <summary>A table as ML.NET sees it.</summary>
internal sealed class TableView<TRow> : IDataView
{
    private readonly IReadOnlyList<RowGroup> _groups;
    private readonly TableColumn[] _columns; // by index in the schema

    public TableView(IReadOnlyList<RowGroup> groups)
    {
        _groups = groups;
        var types = typeof(TRow).GetConstructors().Single().GetParameters(); // one a column
        _columns = [.. TableFile.Columns<TRow>().Select((column, place) => TableColumn.Of(place, column.Name, types[place].ParameterType, () => WidthOf(place))).OfType<TableColumn>()];
        var schema = new DataViewSchema.Builder();
        foreach (var column in _columns) schema.AddColumn(column.Name, column.Type);
        Schema = schema.ToSchema();
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _groups.Sum(group => (long)group.Rows);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => GetRowCursorSet(columnsNeeded, 1, rand)[0];

    /// <summary>Deals the row groups, in their order or a random one, to as many cursors as there are groups for.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var wanted = columnsNeeded.Select(column => column.Index).ToHashSet();
        var groups = _groups.ToArray();
        rand?.Shuffle(groups);
        var count = Math.Clamp(groups.Length, 1, n);
        return [.. Enumerable.Range(0, count).Select(cursor => new TableCursor<TRow>(
            Schema, _columns, wanted, [.. groups.Index().Where(group => group.Index % count == cursor)], rand is null ? null : new Random(rand.Next())))];
    }

    // The first vector that there is tells it.
    private int? WidthOf(int column) => _groups
        .Select(group => ((float[]?[])TableFile.ReadColumnsAsync<TRow>(group, [column], CancellationToken.None).GetAwaiter().GetResult()[0]).FirstOrDefault(vector => vector is not null))
        .FirstOrDefault(vector => vector is not null)?.Length;
}
