using System.Net.Http.Headers;

namespace LmmRec.Ingest.Http;

/// <summary>
/// What a server bars from use by machines: the header <c>X-Robots-Tag</c> with <c>noai</c>, <c>noimageai</c>, <c>noindex</c>, <c>noimageindex</c> or
/// <c>none</c>, said to all or to us by name.
/// </summary>
internal static class OptOut
{
    private static readonly string[] Barring = ["noai", "noimageai", "noindex", "noimageindex", "none"];

    /// <summary>The word that bars it; null: nothing does.</summary>
    public static string? In(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues("X-Robots-Tag", out var values)) return null;
        foreach (var value in values)
        {
            // "noindex, noai", or "somebot: noindex, noai": a name holds for all words behind it.
            var forUs = true;
            foreach (var part in value.Split(','))
            {
                var (name, word) = part.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (part[..colon].Trim(), part[(colon + 1)..].Trim()) : (null, part.Trim());
                if (name is not null) forUs = name.Equals("lmmrec", StringComparison.OrdinalIgnoreCase);
                if (forUs && Barring.Contains(word, StringComparer.OrdinalIgnoreCase)) return word.ToLowerInvariant();
            }
        }
        return null;
    }
}
