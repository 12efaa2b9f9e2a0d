using Microsoft.ML;
using Microsoft.ML.Data;

namespace LmmRec.MachineLearning;

/// <summary>A table with a column of vectors, its last, that are made while it is read.</summary>
internal sealed class EncodedView(IDataView table, DataViewSchema.Column input, DataViewSchema schema, EncodedColumn column) : IDataView
{
    /// <summary>False: two cursors that go side by side must see the same order.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => table.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.Select(c => c.Index).ToHashSet();
        var rows = table.GetRowCursor(table.Schema.Where(c => needed.Contains(c.Index)));
        var ahead = needed.Contains(table.Schema.Count) ? table.GetRowCursor([input]) : null;
        return new Cursor(rows, ahead, input, schema, column);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    // One cursor of the table gives the rows; the other runs ahead of it and reads what is encoded, many rows at a time.
    private sealed class Cursor(DataViewRowCursor rows, DataViewRowCursor? ahead, DataViewSchema.Column input, DataViewSchema schema, EncodedColumn column) : DataViewRowCursor
    {
        private float[]?[] _vectors = [];
        private int _at = -1;

        public override DataViewSchema Schema => schema;

        public override long Position => rows.Position;

        public override long Batch => rows.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

        public override bool MoveNext()
        {
            if (!rows.MoveNext()) return false;
            if (ahead is not null && ++_at >= _vectors.Length) (_vectors, _at) = (column.Next(ahead, input), 0);
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column of) => IsOutput(of) ? ahead is not null : rows.IsColumnActive(rows.Schema[of.Index]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column of)
        {
            if (!IsOutput(of)) return rows.GetGetter<TValue>(rows.Schema[of.Index]);
            if (ahead is null) throw new ArgumentOutOfRangeException(nameof(of), of.Name, "the cursor was not asked for this column");
            return (ValueGetter<VBuffer<float>>)Get is ValueGetter<TValue> getter ? getter : throw new ArgumentException($"column '{of.Name}' gives {of.Type.RawType}, not {typeof(TValue)}", nameof(of));
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                rows.Dispose();
                ahead?.Dispose();
            }
            base.Dispose(disposing);
        }

        private bool IsOutput(DataViewSchema.Column of) => of.Index == rows.Schema.Count;

        private void Get(ref VBuffer<float> value) => TableColumn.Fill(ref value, _vectors[_at], column.Width);
    }
}
