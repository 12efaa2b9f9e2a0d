using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest.Tables;

/// <summary>Makes of what a column says of a picture where it can be had: an http(s) address, or a file in the data folder and never outside it.</summary>
internal sealed class PicturePaths(string folder)
{
    private readonly string _root = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;

    /// <param name="text">an address, or a path from the data folder on</param>
    public PicturePlace Of(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal) || text.StartsWith("//", StringComparison.Ordinal)) return PicturePlace.OnWeb(text);
        if (text.Contains('\0', StringComparison.Ordinal)) return PicturePlace.Nowhere(text, "is no path: it holds a NUL");
        var path = Path.GetFullPath(Path.Combine(_root, text.Replace('\\', '/')));
        return path.StartsWith(_root, StringComparison.Ordinal) ? PicturePlace.InFile(path)
            : PicturePlace.Nowhere(text, "leads out of the data folder, the one that --data names");
    }
}
