using LmmRec.Artifacts;

namespace LmmRec.Ingest.Matrices;

/// <summary>A feature matrix of the user's: which of its rows is an item's (docs/data.md#feature-matrices).</summary>
internal sealed class FeatureMatrix : IDisposable
{
    private readonly MatrixFile _file;
    private readonly IVectorRows _vectors;
    private readonly int[] _rows; // by item; negative: none

    private FeatureMatrix(MatrixFile file, IVectorRows vectors, int[] rows, int ofNoItem, int repeated) =>
        (_file, _vectors, _rows, OfNoItem, Repeated) = (file, vectors, rows, ofNoItem, repeated);

    /// <summary>The encoder's name.</summary>
    public string Name => _file.Name;

    /// <summary>Values of a vector.</summary>
    public int Columns => _vectors.Columns;

    /// <summary>How many items have a vector.</summary>
    public int Items => _rows.Count(row => row >= 0);

    /// <summary>How many rows belong to no item that is left.</summary>
    public int OfNoItem { get; }

    /// <summary>How many rows have the id of a row before them, which counts.</summary>
    public int Repeated { get; }

    /// <summary>Opens a matrix and finds the rows of <paramref name="items"/>.</summary>
    /// <param name="file">where it lies</param>
    /// <param name="indices">the ids by the index that the data give them; null: they give none, so the matrix must give ids</param>
    /// <param name="items">the ids of the items, in their order</param>
    /// <param name="log">what is damaged, and what becomes of the matrix</param>
    /// <param name="scratch">a file that may be written</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">It cannot be read, is of another form, or has a row for none of the items.</exception>
    public static async Task<FeatureMatrix> OpenAsync(
        MatrixFile file, IReadOnlyList<string>? indices, IReadOnlyList<string> items, IngestLog log, string scratch, CancellationToken cancellation)
    {
        var vectors = await OpenAsync(file.Path, log, scratch, cancellation);
        try
        {
            var matrix = Find(file, vectors, vectors.Ids ?? InOrder(file, vectors, indices), items);
            log.Progress.Note(
                $"matrix {matrix.Name}: {matrix.Items} of {items.Count} items have a vector of {matrix.Columns}"
                + (matrix.OfNoItem == 0 ? "" : $"; rows of no item that is left: {matrix.OfNoItem}")
                + (matrix.Repeated == 0 ? "" : $"; rows with the id of one before them, which counts: {matrix.Repeated}")
                + (vectors.Converted is { } converted ? $"; {converted}" : ""));
            return matrix;
        }
        catch
        {
            vectors.Dispose();
            throw;
        }
    }

    /// <summary>The vectors that there are, each with the index of its item, in ascending order.</summary>
    /// <exception cref="InvalidInputException">A value is NaN, infinite or too large for float32.</exception>
    public IEnumerable<(int Item, float[] Vector)> ReadRows()
    {
        foreach (var (item, row) in _rows.Index())
        {
            if (row < 0) continue;
            var vector = _vectors.Read(row); // [F]
            var bad = Array.FindIndex(vector, v => !float.IsFinite(v));
            if (bad >= 0)
                throw new InvalidInputException(
                    $"{_file.Path}: {_vectors.PlaceOf(row)}, value {bad} (0-based) is {vector[bad]} as float32; allowed are finite numbers; mend the file, or leave the row out: items may lack one");
            yield return (item, vector);
        }
    }

    public void Dispose() => _vectors.Dispose();

    private static async Task<IVectorRows> OpenAsync(string path, IngestLog log, string scratch, CancellationToken cancellation) =>
        Directory.Exists(path) ? new VectorFolder(path)
            : Path.GetExtension(path) switch
            {
                ".npy" => new NpyVectors(path),
                ".parquet" => await ParquetVectors.OpenAsync(path, scratch, cancellation),
                ".b" => new AmazonVectors(path, log),
                var other => throw new InvalidInputException(
                    $"{path}: '{other}' is no ending of a feature matrix; allowed are .npy, .parquet, .b (Amazon's) and a folder of <id>.npy"),
            };

    private static IReadOnlyList<string> InOrder(MatrixFile file, IVectorRows vectors, IReadOnlyList<string>? indices)
    {
        var ids = MatrixFile.IdsOf(Path.GetFileName(file.Path));
        if (indices is null)
            throw new InvalidInputException($"{file.Path}: nothing says which row is whose, since the items of these data have no index; put {ids} beside it, one id a line, in the order of the rows");
        if (vectors.Rows != indices.Count)
            throw new InvalidInputException(
                $"{file.Path}: has {vectors.Rows} rows, but the data have {indices.Count} items; row = index of the item, so both must be equal, or {ids} beside it gives the ids"
                + (vectors.Rows == indices.Count - 1 ? "; do the ids begin at 1? They must begin at 0" : ""));
        return indices;
    }

    private static FeatureMatrix Find(MatrixFile file, IVectorRows vectors, IEnumerable<string> ids, IReadOnlyList<string> items)
    {
        var numbers = items.Index().ToDictionary(entry => entry.Item, entry => entry.Index, StringComparer.Ordinal);
        var rows = new int[items.Count];
        Array.Fill(rows, -1);
        var (row, ofNoItem, repeated) = (0, 0, 0);
        foreach (var id in ids)
        {
            if (!numbers.TryGetValue(id, out var item)) ofNoItem++;
            else if (rows[item] >= 0) repeated++;
            else rows[item] = row;
            row++;
        }
        if (ofNoItem == row)
            throw new InvalidInputException($"{file.Path}: has a row for none of the {items.Count} items; the first in it is '{ids.FirstOrDefault("")}', of the items '{items[0]}'; is it of these data?");
        return new FeatureMatrix(file, vectors, rows, ofNoItem, repeated);
    }
}
