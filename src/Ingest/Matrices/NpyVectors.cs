using System.Text;
using LmmRec.Artifacts;
using LmmRec.Tables.Files;

namespace LmmRec.Ingest.Matrices;

/// <summary>A NumPy file with a row per item, and beside it, unless rows are in the order of the items' indices, <c>&lt;file&gt;.ids</c>: one id a line.</summary>
internal sealed class NpyVectors : IVectorRows
{
    private const int LongestId = 1 << 16; // bytes

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly NpyMatrix _matrix;
    private readonly RowFile _values;
    private readonly List<string>? _ids;

    /// <exception cref="InvalidInputException">The file is broken or of another form, or the ids are not as many as its rows.</exception>
    public NpyVectors(string path)
    {
        _matrix = NpyMatrix.Open(path);
        var ids = MatrixFile.IdsOf(path);
        if (File.Exists(ids) && (_ids = ReadIds(ids)).Count != _matrix.Rows)
            throw new InvalidInputException($"{ids}: has {_ids.Count} ids, but {Path.GetFileName(path)} has {_matrix.Rows} rows; wanted is one id a line, in the order of the rows");
        _values = _matrix.OpenRows();
    }

    public int Columns => _matrix.Columns;

    public int Rows => _matrix.Rows;

    public string? Converted => _matrix.Converted;

    public IEnumerable<string>? Ids => _ids;

    public float[] Read(int row) => _values.Read(row);

    public string PlaceOf(int row) => $"row {row}";

    public void Dispose() => _values.Dispose();

    private static List<string> ReadIds(string path)
    {
        using var stream = File.OpenRead(path);
        var lines = new Utf8Lines(stream, LongestId);
        var ids = new List<string>();
        while (lines.TryRead(out var line))
        {
            if (lines.TooLong || line.IsEmpty)
                throw new InvalidInputException($"{path}, line {lines.Number}: {(line.IsEmpty && !lines.TooLong ? "is empty" : LineFault.TooLong)}; wanted is one id a line");
            try
            {
                ids.Add(Utf8.GetString(line));
            }
            catch (DecoderFallbackException)
            {
                throw new InvalidInputException($"{path}, line {lines.Number}: is not in UTF-8; write it again in UTF-8");
            }
        }
        return ids;
    }
}
