using LmmRec.Artifacts;

namespace LmmRec.Ingest.Sources;

/// <summary>A matrix of a folder in which an item's row is the one at its index (docs/data.md#feature-matrices).</summary>
/// <param name="matrix">the file</param>
/// <param name="rows">which row is an item's, by the index that it is to have; ascending</param>
internal sealed class IndexedMatrix(NpyMatrix matrix, IReadOnlyList<int> rows) : IFeatureMatrix
{
    /// <inheritdoc/>
    public string Name => matrix.Name;

    /// <inheritdoc/>
    public int Columns => matrix.Columns;

    /// <summary>The files of the matrices <paramref name="names"/> in a folder.</summary>
    /// <exception cref="InvalidInputException">One is not there.</exception>
    public static IEnumerable<string> FilesOf(string folder, IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(name => !File.Exists(PathOf(folder, name))) is { } missing)
            throw new InvalidInputException(
                $"{PathOf(folder, missing)}: there is no such file; the encoder '{missing}' has no card, so it is a feature matrix of this name; "
                + $"found: {string.Join(", ", Directory.EnumerateFiles(folder, "*.npy").Select(Path.GetFileName).Order(StringComparer.Ordinal).DefaultIfEmpty("no .npy file"))}");
        return names.Select(name => PathOf(folder, name));
    }

    /// <summary>Opens them.</summary>
    /// <param name="folder">the folder</param>
    /// <param name="names">the matrices</param>
    /// <param name="read">the items' keys by their indices in the folder</param>
    /// <param name="kept">the keys of those that are left, in the same order</param>
    /// <param name="reason">how many rows there should be, and why</param>
    /// <exception cref="InvalidInputException">A matrix is broken, or has another number of rows.</exception>
    public static IReadOnlyList<IFeatureMatrix> OpenAll(string folder, IReadOnlyList<string> names, IReadOnlyList<string> read, IReadOnlyList<string> kept, string reason)
    {
        var matrices = names.Order(StringComparer.Ordinal).Select(name => NpyMatrix.Open(PathOf(folder, name))).ToList();
        if (matrices.Find(m => m.Rows != read.Count) is { } other)
            throw new InvalidInputException(
                $"{other.Path}: has {other.Rows} rows, but {reason}, so both must be equal{(other.Rows == read.Count - 1 ? "; do the ids begin at 1? They must begin at 0" : "")}");
        var indices = read.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        var rows = kept.Select(key => indices[key]).ToArray();
        return [.. matrices.Select(m => new IndexedMatrix(m, rows))];
    }

    /// <inheritdoc/>
    public IEnumerable<(int Item, float[] Vector)> ReadRows()
    {
        var item = 0;
        foreach (var (row, vector) in matrix.ReadRows().Index())
            if (item < rows.Count && rows[item] == row) yield return (item++, vector);
    }

    private static string PathOf(string folder, string name) => Path.Combine(folder, name + ".npy");
}
