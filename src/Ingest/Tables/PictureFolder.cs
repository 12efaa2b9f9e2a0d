using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Ingest.Tables;

/// <summary>
/// Pictures in a folder whose names hold the items' ids, by a pattern such as <c>images/{id}.jpg</c>. The folder is listed and its names are matched, so
/// that no path is ever made from an id.
/// </summary>
internal sealed class PictureFolder
{
    private const string Id = "{id}", AnyEnding = ".*";

    private readonly ILookup<string, string> _paths;

    /// <param name="dataFolder">what the pattern goes on from</param>
    /// <param name="pattern">one that <see cref="FaultOf"/> finds no fault with</param>
    /// <exception cref="InvalidInputException">There is no such folder.</exception>
    public PictureFolder(string dataFolder, string pattern)
    {
        var folder = Path.Combine(Path.GetFullPath(dataFolder), Path.GetDirectoryName(pattern)!);
        if (!Directory.Exists(folder)) throw new InvalidInputException($"dataset.items.images: there is no folder '{Path.GetDirectoryName(pattern)}' in '{dataFolder}'");
        var names = Path.GetFileName(pattern);
        var named = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Select(path => (Id: IdIn(Path.GetFileName(path), names), Path: path)).Where(n => n.Id is not null).ToList();
        _paths = named.ToLookup(n => n.Id!, n => n.Path, StringComparer.Ordinal);
        Listing = Hashing.OfText(string.Concat(named.Select(n => $"{Path.GetFileName(n.Path)} {new FileInfo(n.Path).Length}\n")));
    }

    /// <summary>Hash of the pictures' names and sizes, for fingerprints: to read a million pictures to learn that nothing changed would take minutes.</summary>
    public string Listing { get; }

    /// <summary>The pictures of an item, as absolute paths.</summary>
    public IEnumerable<string> Of(string id) => _paths[id];

    /// <summary>What is wrong with a pattern; null: nothing.</summary>
    public static string? FaultOf(string pattern)
    {
        var name = Path.GetFileName(pattern);
        return Path.IsPathRooted(pattern) || pattern.Split('/', '\\').Contains("..") ? $"\"{pattern}\" must lie in the data folder, such as \"images/{Id}.jpg\""
            : name.Split(Id).Length != 2 || pattern.Split(Id).Length != 2 ? $"\"{pattern}\" must hold {Id} once, in the file's name, such as \"images/{Id}.jpg\""
            : null;
    }

    /// <summary>The id that a file's name holds by a pattern of names; null: it does not follow the pattern.</summary>
    public static string? IdIn(string name, string pattern)
    {
        var at = pattern.IndexOf(Id, StringComparison.Ordinal);
        var (before, after) = (pattern[..at], pattern[(at + Id.Length)..]);
        if (after.EndsWith(AnyEnding, StringComparison.Ordinal)) (name, after) = (Path.GetFileNameWithoutExtension(name), after[..^AnyEnding.Length]);
        return name.Length > before.Length + after.Length && name.StartsWith(before, StringComparison.Ordinal) && name.EndsWith(after, StringComparison.Ordinal)
            ? name[before.Length..^after.Length]
            : null;
    }
}
