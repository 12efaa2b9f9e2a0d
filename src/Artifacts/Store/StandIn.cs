using System.Text;

namespace LmmRec.Artifacts.Store;

/// <summary>Small files that lie where another one was wanted: what Git leaves of a large file, and the page that a server sent instead of it.</summary>
public static class StandIn
{
    private const int Head = 512; // bytes: white space and comments before a page's first tag are short

    // An error of a storage service is a page of one element.
    private static readonly string[] Pages = ["<!doctype html", "<html", "<head", "<body", "<error"];

    /// <summary>What the file at <paramref name="path"/> is instead of the one that was wanted, and what to do; null: it is none of these.</summary>
    public static string? Of(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[Head];
        return Of(head[..file.ReadAtLeast(head, Head, throwOnEndOfStream: false)]);
    }

    /// <summary>The same from the first bytes of a file.</summary>
    public static string? Of(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("version https://git-lfs.github.com/spec/"u8)) return "is a Git LFS pointer, not the file: run git lfs pull where it comes from";
        var text = Encoding.UTF8.GetString(head[..Math.Min(head.Length, Head)]).TrimStart('\uFEFF').TrimStart();
        while ((Behind(text, "<?", "?>") ?? Behind(text, "<!--", "-->")) is { } rest) text = rest;
        return Array.Exists(Pages, page => text.StartsWith(page, StringComparison.OrdinalIgnoreCase))
            ? "is a web page, not the file: open the address in a browser to see what the server wants, such as a login, and download the file itself"
            : null;
    }

    /// <summary>Refuses what <see cref="Of(string)"/> knows.</summary>
    /// <exception cref="InvalidInputException">The file stands for another.</exception>
    public static void Refuse(string path)
    {
        if (Of(path) is { } what) throw new InvalidInputException($"{path}: {what}");
    }

    private static string? Behind(string text, string start, string end) =>
        text.StartsWith(start, StringComparison.Ordinal) && text.IndexOf(end, StringComparison.Ordinal) is > 0 and var at ? text[(at + end.Length)..].TrimStart() : null;
}
