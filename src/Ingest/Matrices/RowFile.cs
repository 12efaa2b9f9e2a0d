using System.Runtime.InteropServices;
using LmmRec.Artifacts;
using Microsoft.Win32.SafeHandles;

namespace LmmRec.Ingest.Matrices;

/// <summary>Rows at equal distances in a file, whose values are little-endian float16, float32 or float64.</summary>
/// <param name="path">the file</param>
/// <param name="first">where the values of the first row begin, in bytes</param>
/// <param name="distance">from one row to the next, in bytes</param>
/// <param name="columns">values of a row</param>
/// <param name="valueBytes">2, 4 or 8</param>
internal sealed class RowFile(string path, long first, int distance, int columns, int valueBytes) : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(path);
    private readonly byte[] _bytes = new byte[columns * valueBytes];

    public void Dispose() => _file.Dispose();

    /// <summary>The values of row <paramref name="row"/>, 0-based, as float32: what is too large becomes infinite.</summary>
    public float[] Read(int row)
    {
        ReadExactly(_file, _bytes, first + (long)row * distance, path);
        return valueBytes switch
        {
            2 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(_bytes).ToArray(), v => (float)v),
            4 => MemoryMarshal.Cast<byte, float>(_bytes).ToArray(),
            _ => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(_bytes).ToArray(), v => (float)v),
        };
    }

    /// <summary>Fills <paramref name="bytes"/> from <paramref name="at"/> on.</summary>
    /// <exception cref="InvalidInputException">The file has ended.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> bytes, long at, string path)
    {
        for (var count = 0; bytes.Length > 0; bytes = bytes[count..], at += count)
            if ((count = RandomAccess.Read(file, bytes, at)) == 0) throw new InvalidInputException($"{path}: became shorter while it was read; run again when it is whole");
    }
}
