namespace LmmRec.Encoders.Weights;

/// <summary>Names of tensors on one line: those that begin alike, such as another model's, are counted where they are many.</summary>
public static class NameList
{
    private const int MostListed = 20;

    /// <summary>Such as <c>epoch, 39 more under 'module.'</c>.</summary>
    public static string Of(IReadOnlyCollection<string> names)
    {
        if (names.Count <= MostListed) return string.Join(", ", names);
        var groups = names.GroupBy(name => name[..(name.IndexOf('.', StringComparison.Ordinal) + 1)], StringComparer.Ordinal).ToLookup(g => g.Key.Length > 0 && g.Count() > 1);
        var alone = groups[false].SelectMany(g => g).ToList();
        return string.Join(", ", [
            .. alone.Take(MostListed),
            .. alone.Count > MostListed ? [$"{alone.Count - MostListed} more"] : Array.Empty<string>(),
            .. groups[true].Select(g => $"{g.Count()} more under '{Shared([.. g])}'")]);
    }

    // What all of them begin with, up to a dot.
    private static string Shared(IReadOnlyList<string> names)
    {
        var length = names.Min(name => names[0].AsSpan().CommonPrefixLength(name));
        return names[0][..(names[0].AsSpan(0, length).LastIndexOf('.') + 1)];
    }
}
