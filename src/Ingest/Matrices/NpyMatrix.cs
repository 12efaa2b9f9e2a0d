using System.Buffers.Binary;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Sources;

namespace LmmRec.Ingest.Matrices;

/// <summary>
/// A matrix in NumPy's file format, versions 1 to 3: float16, float32 or float64, little-endian, C order (docs/data.md#feature-matrices).
/// </summary>
/// <param name="Path">the file</param>
/// <param name="Rows">rows</param>
/// <param name="Columns">columns</param>
/// <param name="Offset">where the values begin, in bytes</param>
/// <param name="ValueBytes">2, 4 or 8</param>
internal sealed record NpyMatrix(string Path, int Rows, int Columns, long Offset, int ValueBytes)
{
    private const int MaxHeader = 1 << 20;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>What is said of the values where they are no float32; null: they are.</summary>
    public string? Converted => ValueBytes == sizeof(float) ? null : $"its values are float{8 * ValueBytes} and become float32";

    /// <summary>Reads the header of a matrix [rows, columns] and checks it against the file's length.</summary>
    /// <exception cref="InvalidInputException">The file is broken, or holds something else than a matrix of these types.</exception>
    public static NpyMatrix Open(string path) => Open(path, "a matrix [items, features]", shape => shape is [var rows, var columns] ? (rows, columns) : null);

    /// <summary>The same of a single vector, [columns] or [1, columns].</summary>
    /// <inheritdoc cref="Open(string)" path="/exception"/>
    public static NpyMatrix OpenVector(string path) => Open(path, "a vector [features] or [1, features]", shape => shape is [_] or [1, _] ? (1, shape[^1]) : null);

    /// <summary>Opens the values.</summary>
    public RowFile OpenRows() => new(Path, Offset, Columns * ValueBytes, Columns, ValueBytes);

    private static NpyMatrix Open(string path, string wanted, Func<long[], (long Rows, long Columns)?> sizes)
    {
        StandIn.Refuse(path);
        using var file = File.OpenRead(path);
        var header = Header(path, wanted, file);
        if (!PythonLiteral.TryParse(header, out var value, out var fault)) throw Broken(path, $"its header cannot be read: {fault}");
        if (value is not Dictionary<string, object?> fields) throw Broken(path, "its header is no dictionary");
        var type = fields.GetValueOrDefault("descr") as string;
        var valueBytes = type switch
        {
            "<f2" => 2,
            "<f4" => 4,
            "<f8" => 8,
            "|O" => throw Refused(path, wanted, "it holds Python objects in pickle's format, which only a program can read"),
            _ => throw Refused(path, wanted, $"its values are of type '{type ?? "?"}'"),
        };
        if (fields.GetValueOrDefault("fortran_order") is not false) throw Refused(path, wanted, "it is in Fortran order");
        if (fields.GetValueOrDefault("shape") is not List<object?> shape) throw Broken(path, "its header has no shape");
        var size = shape.TrueForAll(length => length is long) ? sizes([.. shape.Cast<long>()]) : null;
        if (size is not { Rows: > 0 and <= int.MaxValue, Columns: > 0 and <= IVectorRows.MaxColumns })
            throw Refused(path, wanted, $"its shape is ({string.Join(", ", shape)})");

        var (rows, columns) = size.Value;
        var expected = file.Position + rows * columns * valueBytes;
        if (file.Length != expected)
            throw Broken(path, $"it has {file.Length} bytes where {rows} × {columns} values of {valueBytes} bytes and the header need {expected}");
        return new NpyMatrix(path, (int)rows, (int)columns, file.Position, valueBytes);
    }

    private static string Header(string path, string wanted, FileStream file)
    {
        var start = new byte[12];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < start.Length || !start.AsSpan().StartsWith(Magic)) throw Broken(path, "it does not begin as a NumPy file does");
        var (length, at) = start[6] switch
        {
            1 => (BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8)), 10),
            2 or 3 => (BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8)), 12),
            _ => throw Refused(path, wanted, $"it is of format version {start[6]}"),
        };
        if (length > MaxHeader || at + length > file.Length) throw Broken(path, $"its header of {length} bytes does not fit the file");
        file.Position = at;
        var header = new byte[length];
        file.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    private static InvalidInputException Broken(string path, string what) =>
        new($"{path}: is a broken .npy file: {what}; copy or write it again with numpy.save");

    private static InvalidInputException Refused(string path, string wanted, string what) => new(
        $"{path}: {what}; allowed is {wanted} of '<f2', '<f4' or '<f8' in C order; write it with numpy.save(file, numpy.ascontiguousarray(a, dtype='<f4'))");
}
