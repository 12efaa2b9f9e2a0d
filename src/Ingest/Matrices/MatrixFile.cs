using LmmRec.Artifacts;

namespace LmmRec.Ingest.Matrices;

/// <summary>A feature matrix that an encoder of the configuration wants.</summary>
/// <param name="Name">the encoder's name, and so the table's: <c>matrix-&lt;name&gt;</c></param>
/// <param name="File">the file or folder, from the data folder on, in which <c>{category}</c> stands for the data set's; null: the one that the source has by this name</param>
public sealed record WantedMatrix(string Name, string? File = null);

/// <summary>Where a feature matrix lies.</summary>
/// <param name="Name">the encoder's name</param>
/// <param name="File">from the data folder on: what manifests call it</param>
/// <param name="Path">a file, or a folder with a file per item</param>
/// <param name="IsFetched">whether a step of its own fetches it</param>
internal sealed record MatrixFile(string Name, string File, string Path, bool IsFetched = false)
{
    private const string IdsEnding = ".ids";

    /// <summary>The file beside a NumPy file that gives the items' ids, one a line.</summary>
    public static string IdsOf(string path) => path + IdsEnding;

    /// <summary>One of the data folder.</summary>
    /// <exception cref="InvalidInputException">It is not there.</exception>
    public static MatrixFile In(string folder, string name, string file)
    {
        var path = System.IO.Path.Combine(folder, file);
        return System.IO.Path.Exists(path) ? new MatrixFile(name, file, path) : throw new InvalidInputException(
            $"{path}: there is no such file; the encoder '{name}' has no card, so it is a feature matrix: encoders[].file, by default {name}.npy; "
            + $"found: {string.Join(", ", Matrices(System.IO.Path.GetDirectoryName(path)!).DefaultIfEmpty("none"))}");
    }

    // Other forms have the ids in them.
    private bool IsNpy => System.IO.Path.GetExtension(Path) == ".npy" && !Directory.Exists(Path);

    /// <summary>The user's files that it consists of, by name: their content enters the fingerprint.</summary>
    public IEnumerable<KeyValuePair<string, string>> Inputs
    {
        get
        {
            if (IsFetched) yield break;
            yield return KeyValuePair.Create(File, Path);
            if (IsNpy && System.IO.File.Exists(IdsOf(Path))) yield return KeyValuePair.Create(IdsOf(File), IdsOf(Path));
        }
    }

    // What may be one of those that are read.
    private static IEnumerable<string> Matrices(string folder) => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder)
        .Where(path => System.IO.Path.GetExtension(path) is ".npy" or ".parquet" or ".b")
        .Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal);
}
