namespace LmmRec.Artifacts.Configuration;

/// <summary>Finds what a mistyped name was meant to be.</summary>
public static class NearestName
{
    /// <summary>
    /// All that is allowed, after the nearest name such as <c>; did you mean 'epochs'?</c>: the one with the fewest edits, where these are one or no
    /// more than a third of the letters of the longer name. What is farther is no slip of the fingers, and to name it would mislead.
    /// </summary>
    public static string Hint(string name, IEnumerable<string> allowed)
    {
        var names = allowed.Order(StringComparer.Ordinal).ToList();
        if (names.Count == 0) return "; nothing is allowed here";
        var (nearest, distance) = names.Select(candidate => (candidate, Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant()))).MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, Math.Max(name.Length, nearest.Length) / 3)
            ? $"; did you mean '{nearest}'? (allowed: {string.Join(", ", names)})"
            : $"; allowed: {string.Join(", ", names)}";
    }

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours that turn one name into the other.</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(substitution, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
