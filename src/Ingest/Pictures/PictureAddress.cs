namespace LmmRec.Ingest.Pictures;

/// <summary>What tables and messages say of a web address.</summary>
internal static class PictureAddress
{
    /// <summary>
    /// A URL, even one that cannot be asked, without user name and password; anything else as it is. Where it cannot be parsed, nobody knows where a
    /// password ends, and all up to the last @ goes.
    /// </summary>
    public static string Shown(string address)
    {
        var slashes = address.StartsWith("//", StringComparison.Ordinal) ? 0 : address.IndexOf("://", StringComparison.Ordinal) + 1;
        if (!address.AsSpan(slashes).StartsWith("//")) return address;
        var start = slashes + 2;
        var end = Uri.TryCreate(address, UriKind.Absolute, out _) ? address.IndexOfAny(['/', '?', '#'], start) : -1;
        var at = address.AsSpan(start..(end < 0 ? address.Length : end)).LastIndexOf('@');
        return at < 0 ? address : address.Remove(start, at + 1);
    }

    /// <summary>Whom an http(s) address asks: the host, with its port where that is not the usual one; null: it is no such address.</summary>
    public static string? HostOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") && url.Host.Length > 0 ? url.Authority : null;
}
