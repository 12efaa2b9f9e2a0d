using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Tables;

/// <summary>Finds wanted columns among those of a file.</summary>
public static class ColumnNames
{
    /// <summary>The index of each wanted name; a name with a type behind a colon, as RecBole has it (<c>user_id:token</c>), is found without it too.</summary>
    /// <exception cref="InvalidInputException">One is not there: the message lists those that are.</exception>
    public static int[] Find(string file, IReadOnlyList<string> names, IReadOnlyList<string> wanted)
    {
        var columns = wanted.Select(name => IndexOf(names, name)).ToArray();
        return Missing(file, wanted.Where((_, i) => columns[i] < 0), names) is { } fault ? throw new InvalidInputException(fault) : columns;
    }

    /// <summary>What to tell of wanted columns that are not among <paramref name="names"/>; null where none is missing.</summary>
    public static string? Missing(string file, IEnumerable<string> missing, IReadOnlyList<string> names)
    {
        var faults = missing.Distinct().Select(name => $"there is no column '{name}'{NearestName.Hint(name, names)}").ToList();
        return faults.Count == 0 ? null : $"{file}: {string.Join("; ", faults)}; correct the names in the configuration's columns";
    }

    private static int IndexOf(IReadOnlyList<string> names, string wanted)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == wanted) return i;
        for (var i = 0; i < names.Count; i++)
            if (names[i].IndexOf(':') is > 0 and var colon && names[i].AsSpan(0, colon).SequenceEqual(wanted)) return i;
        return -1;
    }
}
