using LmmRec.Artifacts;

namespace LmmRec.Ingest.Matrices;

/// <summary>A folder with a NumPy file per item, <c>&lt;id&gt;.npy</c>, each of one vector: [F] or [1, F]. Other files in it are not read.</summary>
internal sealed class VectorFolder : IVectorRows
{
    private const string Ending = ".npy";

    private readonly string[] _paths;
    private readonly NpyMatrix _first;

    /// <exception cref="InvalidInputException">No vector lies in it, or the first is broken.</exception>
    public VectorFolder(string folder)
    {
        _paths = [.. Directory.EnumerateFiles(folder).Where(path => Path.GetExtension(path) == Ending).Order(StringComparer.Ordinal)];
        if (_paths.Length == 0) throw new InvalidInputException($"{folder}: no file {Ending} lies in it; wanted is one per item, <id>{Ending}");
        _first = NpyMatrix.OpenVector(_paths[0]);
    }

    public int Columns => _first.Columns;

    public int Rows => _paths.Length;

    public string? Converted => _first.Converted;

    public IEnumerable<string> Ids => _paths.Select(Path.GetFileNameWithoutExtension)!;

    public float[] Read(int row)
    {
        var vector = NpyMatrix.OpenVector(_paths[row]);
        if (vector.Columns != Columns)
            throw new InvalidInputException($"{vector.Path}: has {vector.Columns} values, but {Path.GetFileName(_first.Path)} has {Columns}; all must have as many: write them again by one encoder");
        using var values = vector.OpenRows();
        return values.Read(0);
    }

    public string PlaceOf(int row) => Path.GetFileName(_paths[row]);

    public void Dispose()
    {
    }
}
