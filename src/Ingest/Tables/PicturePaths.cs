using System.Diagnostics.CodeAnalysis;

namespace LmmRec.Ingest.Tables;

/// <summary>Makes of what a column says of a picture where it can be had: an http(s) address, or a file in the data folder and never outside it.</summary>
internal sealed class PicturePaths(string folder)
{
    private readonly string _root = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;

    /// <param name="text">an address, or a path from the data folder on</param>
    /// <param name="picture">the address, or the absolute path</param>
    /// <param name="fault">why it is neither</param>
    public bool TryResolve(string text, [NotNullWhen(true)] out string? picture, [NotNullWhen(false)] out string? fault)
    {
        (picture, fault) = (text, null);
        if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)) return true;
        if (text.Contains("://", StringComparison.Ordinal)) fault = "is no http(s) address";
        else if (text.Contains('\0', StringComparison.Ordinal)) fault = "is no path: it holds a NUL";
        else
        {
            picture = Path.GetFullPath(Path.Combine(_root, text.Replace('\\', '/')));
            if (!picture.StartsWith(_root, StringComparison.Ordinal)) fault = "leads out of the data folder, the one that --data names";
        }
        if (fault is not null) picture = null;
        return fault is null;
    }
}
