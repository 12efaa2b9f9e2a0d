using LmmRec.Artifacts;
using Parquet;
using Parquet.Schema;

namespace LmmRec.Tables;

/// <summary>
/// Reads a Parquet file of whatever tool, one row group at a time. A column is a top-level one, or a field within another by their names with dots
/// between; the levels that lists add have no name. Whole numbers become their digits, times ISO 8601.
/// </summary>
internal sealed class ParquetRows : RecordReader
{
    private readonly ParquetReader _reader;
    private readonly long _length; // bytes of the file
    private readonly DataField[] _fields;
    private readonly ParquetColumn[] _columns;
    private long _row;

    private ParquetRows(InputFile file, ParquetReader reader, DataField[] fields)
        : base(file, fields.Length) => (_reader, _length, _fields, _columns) = (reader, new FileInfo(file.Path).Length, fields, new ParquetColumn[fields.Length]);

    protected override string Number => $"row {_row}";

    /// <exception cref="InvalidInputException">A wanted column is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no Parquet file, or damaged.</exception>
    public static async Task<ParquetRows> OpenAsync(InputFile file, IReadOnlyList<string> wanted, CancellationToken cancellation)
    {
        var reader = await ParquetFile.OpenAsync(file.Path, cancellation);
        try
        {
            var columns = ColumnNames.Find(file.Name, ParquetFile.NamesOf(reader), wanted);
            return new ParquetRows(file, reader, [.. columns.Select(c => reader.Schema.DataFields[c])]);
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    /// <summary>The columns' names.</summary>
    public static async Task<IReadOnlyList<string>> NamesAsync(InputFile file, CancellationToken cancellation)
    {
        await using var reader = await ParquetFile.OpenAsync(file.Path, cancellation);
        return ParquetFile.NamesOf(reader);
    }

    public override async Task ReadAsync(Func<bool> use, CancellationToken cancellation)
    {
        for (var g = 0; g < _reader.RowGroupCount; g++)
        {
            using var group = ParquetFile.Guarded(() => _reader.OpenRowGroupReader(g));
            for (var c = 0; c < _columns.Length; c++)
                _columns[c] = await ParquetFile.GuardedAsync(() => ParquetColumn.ReadAsync(group, _fields[c], _length, cancellation));
            for (var row = 0L; row < group.RowCount; row++)
            {
                _row++;
                Clear();
                Fault = null;
                for (var c = 0; c < _columns.Length; c++) Fill(c);
                if (!use()) return;
            }
        }
    }

    public override void Dispose() => _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();

    protected override bool IsList(int column) => _fields[column].MaxRepetitionLevel > 0;

    private void Fill(int column)
    {
        foreach (var value in _columns[column].NextRow())
        {
            int length, room = 64;
            while (!_columns[column].TryFormat(value, Room(room), out length))
                if ((room *= 2) > MaxRow)
                {
                    Fault = $"holds a value that is longer than {MaxRow} characters, the most allowed";
                    return;
                }
            Add(column, length);
        }
    }
}
