namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>Finds how the names of a folder's pictures hold the ids of items.</summary>
internal static class FolderGuess
{
    private const int Look = 500; // names that are compared with all ids

    /// <summary>The pattern of the names, such as <c>{id}.jpg</c>, and how many of the files follow it; null: no name holds an id.</summary>
    public static (string Pattern, int Files)? Of(string folder, IReadOnlySet<string> ids)
    {
        var names = Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToList();
        var patterns = names.Take(Look).Select(name => PatternOf(name, ids)).OfType<string>().CountBy(pattern => pattern).OrderByDescending(count => count.Value).ToList();
        if (patterns.Count == 0) return null;
        // Pictures of several forms that are called alike are one pattern.
        var endings = patterns.Select(count => Path.ChangeExtension(count.Key, null)).Distinct().Count();
        var pattern = patterns.Count > 1 && endings == 1 ? Path.ChangeExtension(patterns[0].Key, ".*") : patterns[0].Key;
        return (pattern, names.Count(name => PictureFolder.IdIn(name, pattern) is not null));
    }

    private static string? PatternOf(string name, IReadOnlySet<string> ids)
    {
        var stem = Path.GetFileNameWithoutExtension(name);
        var id = ids.Contains(stem) ? stem : ids.Where(id => id.Length > 2 && stem.Contains(id, StringComparison.Ordinal)).MaxBy(id => id.Length);
        if (id is null) return null;
        var at = name.IndexOf(id, StringComparison.Ordinal);
        return $"{name[..at]}{{id}}{name[(at + id.Length)..]}";
    }
}
