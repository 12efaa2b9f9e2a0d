namespace LmmRec.Ingest.Pictures;

/// <summary>How a picture's address is shown: what tables and messages say of it.</summary>
internal static class PictureAddress
{
    /// <summary>A file's name without the folders of this machine; a URL, even one that cannot be asked, without user name and password; anything else as it is.</summary>
    public static string Shown(string address)
    {
        if (Path.IsPathFullyQualified(address)) return Path.GetFileName(address);
        var start = address.IndexOf("://", StringComparison.Ordinal) + 3;
        if (start < 3) return address;
        var end = address.IndexOfAny(['/', '?', '#'], start);
        var at = address.LastIndexOf('@', end < 0 ? address.Length - 1 : end, (end < 0 ? address.Length - 1 : end) - start + 1);
        return at < 0 ? address : address.Remove(start, at + 1 - start);
    }
}
