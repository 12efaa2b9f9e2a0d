using System.Runtime.InteropServices;
using System.Text;
using LmmRec.Artifacts;
using Microsoft.Win32.SafeHandles;

namespace LmmRec.Ingest.Sources.Amazon;

/// <summary>
/// Amazon's file of visual features, <c>image_features_&lt;Category&gt;.b</c>: one record after the other, each an ASIN of 10 characters and 4,096 values
/// of float32, little-endian (docs/data.md#amazon-2014). It holds products of which nobody reads, and lacks those without a picture.
/// </summary>
internal sealed class ImageFeatures : IFeatureMatrix
{
    private const int IdBytes = 10, Values = 4096, RecordBytes = IdBytes + Values * sizeof(float);
    private const string Kind = "feature record";

    private readonly string _path;
    private readonly long[] _records; // by item: which record is its own; negative: none

    private ImageFeatures(string path, long[] records) => (_path, _records) = (path, records);

    /// <inheritdoc/>
    public string Name => Path.GetFileNameWithoutExtension(_path);

    /// <inheritdoc/>
    public int Columns => Values;

    /// <summary>Finds the records of <paramref name="items"/>; of several with one id the first counts. One that breaks off at the end is a failure.</summary>
    /// <exception cref="InvalidInputException">The file holds none of the items.</exception>
    public static ImageFeatures Open(string path, IReadOnlyList<string> items, IngestLog log)
    {
        var indices = new Dictionary<string, int>(items.Count, StringComparer.Ordinal);
        foreach (var (i, key) in items.Index()) indices.Add(key, i);
        var records = new long[items.Count];
        Array.Fill(records, -1);

        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var id = new byte[IdBytes];
        for (var record = 0L; (record + 1) * RecordBytes <= length; record++)
        {
            ReadExactly(file, id, record * RecordBytes);
            if (indices.TryGetValue(Encoding.Latin1.GetString(id), out var item) && records[item] < 0) records[item] = record;
            log.Used(Kind);
        }
        if (length % RecordBytes != 0)
            log.Failed(Kind, $"{Path.GetFileName(path)}, record {length / RecordBytes}", url: null, $"breaks off after {length % RecordBytes} of {RecordBytes} bytes; is the file whole?");
        if (Array.TrueForAll(records, r => r < 0))
            throw new InvalidInputException($"{path}: has a record for none of the {items.Count} items; is it the file of this category?");
        return new ImageFeatures(path, records);
    }

    /// <inheritdoc/>
    public IEnumerable<(int Item, float[] Vector)> ReadRows()
    {
        using var file = File.OpenHandle(_path);
        for (var item = 0; item < _records.Length; item++)
        {
            if (_records[item] < 0) continue;
            var vector = new float[Values];
            ReadExactly(file, MemoryMarshal.AsBytes(vector.AsSpan()), _records[item] * RecordBytes + IdBytes);
            var bad = Array.FindIndex(vector, v => !float.IsFinite(v));
            if (bad >= 0)
                throw new InvalidInputException($"{_path}: record {_records[item]}, value {bad} (0-based) is {vector[bad]}; allowed are finite numbers; get the file anew");
            yield return (item, vector);
        }
    }

    private static void ReadExactly(SafeFileHandle file, Span<byte> bytes, long at)
    {
        for (var count = 0; bytes.Length > 0; bytes = bytes[count..], at += count)
            if ((count = RandomAccess.Read(file, bytes, at)) == 0) throw new EndOfStreamException("the file became shorter while it was read");
    }
}
