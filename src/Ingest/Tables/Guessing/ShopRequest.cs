using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>The files of a shop as a user names them.</summary>
/// <param name="Items">the table of items, from the working folder on; may hold <c>*</c> and <c>?</c>; null: there is none</param>
/// <param name="Interactions">the table of interactions</param>
/// <param name="Images">the folder of pictures; null: there is none</param>
/// <param name="Columns">columns that are not to be guessed: <c>items.id=sku</c></param>
public sealed record ShopRequest(string? Items, string Interactions, string? Images, IReadOnlyList<string> Columns)
{
    private static readonly string[] Keys =
        [.. new[] { "id", "title", "brand", "categories", "description", "image" }.Select(key => $"items.{key}"), .. new[] { "user", "item", "rating", "time", "event" }.Select(key => $"interactions.{key}")];

    /// <summary>The innermost folder that holds all of them.</summary>
    public string DataFolder
    {
        get
        {
            var folders = new[] { FolderOf(Items), FolderOf(Interactions), Images is null ? null : Path.GetFullPath(Images) }.OfType<string>().ToList();
            var common = folders[0];
            while (folders.Exists(folder => !Below(folder, common))) common = Path.GetDirectoryName(common)!;
            // From the working folder on nothing need be said with --data.
            return folders.TrueForAll(folder => Below(folder, Directory.GetCurrentDirectory())) ? Directory.GetCurrentDirectory() : common;
        }
    }

    /// <summary>A path as the configuration names it: from the data folder on.</summary>
    internal string Within(string path) => Path.GetRelativePath(DataFolder, Path.GetFullPath(path)).Replace('\\', '/');

    /// <summary>The columns that are named for a table, by role.</summary>
    /// <exception cref="ConfigurationException">One is named for no role.</exception>
    internal IReadOnlyDictionary<string, string> Named(string table)
    {
        var faults = Columns.Where(column => !column.Contains('=', StringComparison.Ordinal) || !Keys.Contains(column.Split('=', 2)[0]))
            .Select(column => $"--column {column}: must be KEY=NAME{NearestName.Hint(column.Split('=', 2)[0], Keys)}").ToList();
        if (faults.Count > 0) throw new ConfigurationException(faults);
        return Columns.Select(column => column.Split('=', 2)).Where(pair => pair[0].StartsWith(table + ".", StringComparison.Ordinal))
            .ToDictionary(pair => pair[0][(table.Length + 1)..], pair => pair[1]);
    }

    // What follows the first folder with a * or ? is part of the pattern.
    private static string? FolderOf(string? pattern)
    {
        if (pattern is null) return null;
        var folder = Path.GetDirectoryName(Path.GetFullPath(pattern))!;
        while (folder.AsSpan().ContainsAny('*', '?')) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private static bool Below(string folder, string parent) =>
        folder == parent || folder.StartsWith(parent.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
