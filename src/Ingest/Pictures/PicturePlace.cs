namespace LmmRec.Ingest.Pictures;

/// <summary>
/// Where an item's picture may be had, as its record says. What others publish is an address on the web or nothing: a file of this machine is only
/// what <see cref="Tables.PicturePaths"/> found in the data folder.
/// </summary>
internal readonly record struct PicturePlace
{
    private PicturePlace(string text, bool isFile, string? fault) => (Text, IsFile, Fault) = (text, isFile, fault);

    /// <summary>An http(s) address, the absolute path of a file, or whatever the record says where that is neither.</summary>
    public string Text { get; }

    /// <summary>Whether <see cref="Text"/> is the path of a file.</summary>
    public bool IsFile { get; }

    /// <summary>Why there can be no picture; null: there may be one.</summary>
    public string? Fault { get; }

    /// <summary>What tables and messages call it: of a file, its name without the folders of this machine.</summary>
    public string Shown => IsFile ? Path.GetFileName(Text) : PictureAddress.Shown(Text);

    /// <summary>An address on the web, http or https; one without a scheme, such as <c>//cdn.test/1.jpg</c>, is https.</summary>
    public static PicturePlace OnWeb(string text)
    {
        var address = text.StartsWith("//", StringComparison.Ordinal) ? $"https:{text}" : text;
        return PictureAddress.HostOf(address) is null ? Nowhere(text, "is no http(s) address") : new PicturePlace(address, isFile: false, null);
    }

    /// <summary>A file of the user's, by its absolute path.</summary>
    public static PicturePlace InFile(string path) => new(path, isFile: true, null);

    /// <summary>What is neither, and why.</summary>
    public static PicturePlace Nowhere(string text, string fault) => new(text, isFile: false, fault);
}
