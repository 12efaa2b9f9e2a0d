using LmmRec.Artifacts.Tables;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LmmRec.MachineLearning;

/// <summary>Walks over row groups of a table, of which it holds one.</summary>
/// <param name="schema">the table's</param>
/// <param name="columns">all columns, by index in the schema</param>
/// <param name="wanted">the indices of those that are read</param>
/// <param name="groups">the row groups, each with its place in the order of all, by which ML.NET puts the rows of several cursors in one order</param>
/// <param name="random">puts the rows of a group in a random order; null: they come as they stand</param>
internal sealed class TableCursor<TRow>(
    DataViewSchema schema, IReadOnlyList<TableColumn> columns, IReadOnlySet<int> wanted, IReadOnlyList<(int Place, RowGroup Group)> groups, Random? random) : DataViewRowCursor
{
    private readonly int[] _wanted = [.. wanted.Order()];
    private Array[] _values = []; // by place in _wanted
    private int[] _order = []; // the rows of the group
    private int _group = -1, _at = -1;
    private long _position = -1;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => _group < 0 || _group >= groups.Count ? 0 : groups[_group].Place;

    private int Row => _order[_at];

    public override bool MoveNext()
    {
        _at++;
        while (_at >= _order.Length)
        {
            if (++_group >= groups.Count)
            {
                (_position, _values, _order) = (-1, [], []);
                return false;
            }
            Read(groups[_group].Group);
        }
        _position++;
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => wanted.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var place = Array.BinarySearch(_wanted, column.Index);
        if (place < 0) throw new ArgumentOutOfRangeException(nameof(column), column.Name, "the cursor was not asked for this column");
        return columns[column.Index] is TableColumn<TValue> typed ? (ref TValue value) => typed.Get(_values[place], Row, ref value)
            : throw new ArgumentException($"column '{column.Name}' gives {column.Type.RawType}, not {typeof(TValue)}", nameof(column));
    }

    /// <summary>A row is told by its number in the table, whatever the order.</summary>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)(groups[_group].Group.First + Row), 0);

    private void Read(RowGroup group)
    {
        _values = TableFile.ReadColumnsAsync<TRow>(group, [.. _wanted.Select(column => columns[column].Place)], CancellationToken.None).GetAwaiter().GetResult();
        _order = [.. Enumerable.Range(0, group.Rows)];
        random?.Shuffle(_order);
        _at = 0;
    }
}
