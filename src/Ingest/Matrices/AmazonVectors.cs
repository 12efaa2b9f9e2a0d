using System.Text;
using LmmRec.Artifacts.Store;

namespace LmmRec.Ingest.Matrices;

/// <summary>
/// Amazon's file of visual features, <c>image_features_&lt;Category&gt;.b</c>: one record after the other, each an ASIN of 10 characters and 4,096 values
/// of float32, little-endian (docs/data.md#amazon-2014). It holds products of which nobody reads, and lacks those without a picture.
/// </summary>
internal sealed class AmazonVectors : IVectorRows
{
    private const int IdBytes = 10, Values = 4096, RecordBytes = IdBytes + Values * sizeof(float);
    private const string Kind = "feature record";

    private readonly string _path;
    private readonly RowFile _values;

    /// <summary>Opens the file. A record that breaks off at the end is a failure.</summary>
    public AmazonVectors(string path, IngestLog log)
    {
        StandIn.Refuse(path);
        var length = new FileInfo(path).Length;
        (_path, Rows) = (path, checked((int)(length / RecordBytes)));
        log.Used(Kind, Rows);
        if (length % RecordBytes != 0)
            log.Failed(Kind, $"{Path.GetFileName(path)}, record {Rows}", url: null, $"breaks off after {length % RecordBytes} of {RecordBytes} bytes; is the file whole?");
        _values = new RowFile(path, IdBytes, RecordBytes, Values, sizeof(float));
    }

    public int Columns => Values;

    public int Rows { get; }

    public string? Converted => null;

    public IEnumerable<string> Ids
    {
        get
        {
            using var file = File.OpenHandle(_path);
            var id = new byte[IdBytes];
            for (var record = 0; record < Rows; record++)
            {
                RowFile.ReadExactly(file, id, (long)record * RecordBytes, _path);
                yield return Encoding.Latin1.GetString(id);
            }
        }
    }

    public float[] Read(int row) => _values.Read(row);

    public string PlaceOf(int row) => $"record {row}";

    public void Dispose() => _values.Dispose();
}
