using System.Runtime.InteropServices;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Tables;
using Parquet;
using Parquet.Schema;

namespace LmmRec.Ingest.Matrices;

/// <summary>
/// A Parquet file with the columns <c>id</c> (text or whole numbers) and <c>vector</c> (list of float), rows in any order. They are copied to a scratch file,
/// from which each can be had without the row group that it lies in.
/// </summary>
internal sealed class ParquetVectors : IVectorRows
{
    private const string Id = "id", Vector = "vector";

    private readonly string _scratch;
    private readonly RowFile _values;
    private readonly List<string> _ids;

    private ParquetVectors(string scratch, List<string> ids, int columns) =>
        (_scratch, _ids, Columns, _values) = (scratch, ids, columns, new RowFile(scratch, 0, columns * sizeof(float), columns, sizeof(float)));

    public int Columns { get; }

    public int Rows => _ids.Count;

    public string? Converted => null;

    public IEnumerable<string> Ids => _ids;

    /// <exception cref="InvalidInputException">The file is none of Parquet, lacks a column, holds vectors of other values or of several widths, or none at all.</exception>
    public static async Task<ParquetVectors> OpenAsync(string path, string scratch, CancellationToken cancellation)
    {
        StandIn.Refuse(path);
        Directory.CreateDirectory(Path.GetDirectoryName(scratch)!);
        try
        {
            await using var reader = await ParquetFile.OpenAsync(path, cancellation);
            var ids = new List<string>();
            var columns = await CopyAsync(path, reader, ids, scratch, cancellation);
            return new ParquetVectors(scratch, ids, columns);
        }
        catch (Exception e)
        {
            File.Delete(scratch);
            if (e is InvalidDataException) throw new InvalidInputException($"{path}: {e.Message}", e);
            throw;
        }
    }

    public float[] Read(int row) => _values.Read(row);

    public string PlaceOf(int row) => $"row {row}";

    public void Dispose()
    {
        _values.Dispose();
        File.Delete(_scratch);
    }

    private static async Task<int> CopyAsync(string path, ParquetReader reader, List<string> ids, string scratch, CancellationToken cancellation)
    {
        var (idField, vectorField) = (Field(reader, Id), Field(reader, Vector));
        if (idField.MaxRepetitionLevel > 0 || idField.ClrType != typeof(ReadOnlyMemory<char>) && !IsWhole(idField.ClrType))
            throw new InvalidDataException($"its column '{Id}' is of type {TypeOf(idField)}; allowed is text or whole numbers");
        if (vectorField.MaxRepetitionLevel != 1 || vectorField.ClrType != typeof(float))
            throw new InvalidDataException($"its column '{Vector}' is of type {TypeOf(vectorField)}; allowed is list<float>: cast it, as DuckDB does by {Vector}::FLOAT[]");

        var length = new FileInfo(path).Length;
        var width = 0;
        var id = new char[TableReader.MaxRow];
        var vector = new List<float>();
        await using var stream = new FileStream(scratch, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = ParquetFile.Guarded(() => reader.OpenRowGroupReader(g));
            var idColumn = await ParquetFile.GuardedAsync(() => ParquetColumn.ReadAsync(group, idField, length, cancellation));
            var vectors = await ParquetFile.GuardedAsync(() => ParquetColumn.ReadAsync(group, vectorField, length, cancellation));
            for (var row = 0L; row < group.RowCount; row++)
            {
                var idLength = 0;
                if (idColumn.NextRow() is not [var value] || !idColumn.TryFormat(value, id, out idLength) || idLength == 0)
                    throw new InvalidDataException($"row {ids.Count} has no id, or one longer than {TableReader.MaxRow} characters");
                vector.Clear();
                foreach (var element in vectors.NextRow()) vector.Add(vectors.SingleOf(element));
                if (vectors.RowEntries > Math.Max(vector.Count, 1))
                    throw new InvalidDataException(
                        $"row {ids.Count} has a vector with null among its values; "
                        + "write a number there, or leave the row out: items may lack one");
                if (ids.Count == 0) width = vector.Count;
                if (vector.Count == 0) throw new InvalidDataException($"row {ids.Count} has no vector; leave such rows out: items may lack one");
                if (vector.Count != width)
                    throw new InvalidDataException(
                        $"row {ids.Count} has {vector.Count} values where the first has {width}; all must have as many");
                if (width > IVectorRows.MaxColumns)
                    throw new InvalidDataException($"row {ids.Count} has {width} values; allowed are at most {IVectorRows.MaxColumns}");
                stream.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(vector)));
                ids.Add(new string(id, 0, idLength));
            }
        }
        return ids.Count > 0 ? width : throw new InvalidDataException("holds no row");
    }

    private static DataField Field(ParquetReader reader, string name)
    {
        var names = ParquetFile.NamesOf(reader);
        return names.Index().FirstOrDefault(n => n.Item == name) is (var column, not null) ? reader.Schema.DataFields[column]
            : throw new InvalidDataException($"has no column '{name}'; it has {string.Join(", ", names)}; wanted are '{Id}' (text or whole numbers) and '{Vector}' (list<float>)");
    }

    private static bool IsWhole(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(byte) || type == typeof(uint) || type == typeof(ulong);

    private static string TypeOf(DataField field)
    {
        var type = field.ClrType == typeof(ReadOnlyMemory<char>) ? "text or bytes" : field.ClrType == typeof(float) ? "float" : field.ClrType.Name.ToLowerInvariant();
        return Enumerable.Repeat("list", field.MaxRepetitionLevel).Aggregate(type, (inner, list) => $"{list}<{inner}>");
    }
}
