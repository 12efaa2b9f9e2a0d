namespace LmmRec.Ingest.Pictures;

/// <summary>How a picture's address is shown: what tables and messages say of it.</summary>
internal static class PictureAddress
{
    /// <summary>A file's name without the folders of this machine; a URL without user name and password; anything else as it is.</summary>
    public static string Shown(string address) =>
        Path.IsPathFullyQualified(address) ? Path.GetFileName(address)
        : Uri.TryCreate(address, UriKind.Absolute, out var url) && url.UserInfo.Length > 0 ? url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped)
        : address;
}
