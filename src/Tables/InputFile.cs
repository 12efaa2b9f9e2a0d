using LmmRec.Artifacts;

namespace LmmRec.Tables;

/// <summary>A file of the user.</summary>
/// <param name="Name">from the data folder on, with slashes: what messages and manifests call it</param>
/// <param name="Path">where it lies</param>
public sealed record InputFile(string Name, string Path)
{
    /// <summary>The files that <paramref name="patterns"/> name, each once, in the order of their names.</summary>
    /// <exception cref="InvalidInputException">A pattern names none.</exception>
    public static IReadOnlyList<InputFile> Of(string folder, IReadOnlyList<string> patterns) =>
        [.. patterns.SelectMany(pattern => Matches(folder, pattern)).Distinct().Order(StringComparer.Ordinal).Select(path => new InputFile(NameOf(folder, path), path))];

    private static string NameOf(string folder, string path) => System.IO.Path.GetRelativePath(folder, path).Replace('\\', '/');

    private static List<string> Matches(string folder, string pattern)
    {
        var root = System.IO.Path.GetPathRoot(pattern) is { Length: > 0 } absolute ? absolute : System.IO.Path.GetFullPath(folder);
        List<string> found = [root];
        var parts = pattern[(System.IO.Path.GetPathRoot(pattern)?.Length ?? 0)..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (i, part) in parts.Index())
            found = [.. found.SelectMany(parent => Entries(parent, part, last: i == parts.Length - 1))];
        return found.Count > 0 && parts.Length > 0 ? found : throw new InvalidInputException(
            $"{pattern}: there is no such file in '{folder}'; dataset files are named from the folder on that --data names");
    }

    private static IEnumerable<string> Entries(string parent, string part, bool last)
    {
        if (!part.AsSpan().ContainsAny('*', '?'))
        {
            var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(parent, part));
            return (last ? File.Exists(path) : Directory.Exists(path)) ? [path] : [];
        }
        return last ? Directory.EnumerateFiles(parent, part) : Directory.EnumerateDirectories(parent, part);
    }
}
