using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Ingest.Sources;

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

    /// <summary>The file's name without extension, such as <c>image_feat</c>.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Reads the header and checks it against the file's length.</summary>
    /// <exception cref="InvalidInputException">The file is broken, or holds something else than a matrix of these types.</exception>
    public static NpyMatrix Open(string path)
    {
        StandIn.Refuse(path);
        using var file = File.OpenRead(path);
        var header = Header(path, file);
        if (!PythonLiteral.TryParse(header, out var value, out var fault)) throw Broken(path, $"its header cannot be read: {fault}");
        if (value is not Dictionary<string, object?> fields) throw Broken(path, "its header is no dictionary");
        var type = fields.GetValueOrDefault("descr") as string;
        var valueBytes = type switch
        {
            "<f2" => 2,
            "<f4" => 4,
            "<f8" => 8,
            _ => throw Refused(path, $"its values are of type '{type ?? "?"}'"),
        };
        if (fields.GetValueOrDefault("fortran_order") is not false) throw Refused(path, "it is in Fortran order");
        if (fields.GetValueOrDefault("shape") is not List<object?> shape) throw Broken(path, "its header has no shape");
        if (shape is not [long rows and > 0 and <= int.MaxValue, long columns and > 0 and <= 1 << 20])
            throw Refused(path, $"its shape is ({string.Join(", ", shape)})");

        var expected = file.Position + rows * columns * valueBytes;
        if (file.Length != expected)
            throw Broken(path, $"it has {file.Length} bytes where {rows} × {columns} values of {valueBytes} bytes and the header need {expected}");
        return new NpyMatrix(path, (int)rows, (int)columns, file.Position, valueBytes);
    }

    /// <summary>The rows as float32, one after the other.</summary>
    /// <exception cref="InvalidInputException">A value is NaN, infinite or too large for float32.</exception>
    public IEnumerable<float[]> ReadRows()
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
        file.Position = Offset;
        var bytes = new byte[Columns * ValueBytes];
        for (var row = 0; row < Rows; row++)
        {
            file.ReadExactly(bytes);
            var values = ToSingle(bytes); // [F]
            var bad = Array.FindIndex(values, v => !float.IsFinite(v));
            if (bad >= 0)
                throw new InvalidInputException(
                    $"{Path}: row {row}, column {bad} (0-based) is {values[bad]} as float32; allowed are finite numbers; repair the feature file");
            yield return values;
        }
    }

    private float[] ToSingle(byte[] bytes) => ValueBytes switch
    {
        2 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), v => (float)v),
        4 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        _ => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), v => (float)v),
    };

    private static string Header(string path, FileStream file)
    {
        var start = new byte[12];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < start.Length || !start.AsSpan().StartsWith(Magic)) throw Broken(path, "it does not begin as a NumPy file does");
        var (length, at) = start[6] switch
        {
            1 => (BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8)), 10),
            2 or 3 => (BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8)), 12),
            _ => throw Refused(path, $"it is of format version {start[6]}"),
        };
        if (length > MaxHeader || at + length > file.Length) throw Broken(path, $"its header of {length} bytes does not fit the file");
        file.Position = at;
        var header = new byte[length];
        file.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    private static InvalidInputException Broken(string path, string what) =>
        new($"{path}: is a broken .npy file: {what}; copy or write it again with numpy.save");

    private static InvalidInputException Refused(string path, string what) => new(
        $"{path}: {what}; allowed is a matrix [items, features] of '<f2', '<f4' or '<f8' in C order; write it with numpy.save(file, numpy.ascontiguousarray(a, dtype='<f4'))");
}
