using System.Text;

namespace LmmRec.Ingest.Texts;

/// <summary>
/// The tags of a text. A tag begins with <c>&lt;</c> and a letter, <c>/</c> or <c>!</c>, so that <c>size &lt; 5</c> stays, and ends at the first
/// <c>&gt;</c> outside of quoted values; a comment ends at <c>--&gt;</c>; <c>script</c> and <c>style</c> reach to the end of their closing tag. What has
/// no end is no markup and stays, so that nothing is lost after a <c>&lt;</c> that means something else.
/// </summary>
internal sealed class Markup(string html)
{
    // Tags within a line, which may stand within a word; all others part words.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Inline = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "b", "big", "code", "em", "font", "i", "mark", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "wbr",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    // What was once not found further on is not looked for again: text made to be slow takes linear time.
    private readonly HashSet<string> _absent = [];
    private bool _quotesBroken;

    /// <summary>The text without them; those that part words leave a blank.</summary>
    public string WithoutTags()
    {
        var plain = new StringBuilder(html.Length);
        var at = 0;
        while (at < html.Length && html.IndexOf('<', at) is >= 0 and var open)
        {
            plain.Append(html, at, open - at);
            at = IsTag(open) ? EndOf(open) : -1;
            if (at < 0)
            {
                plain.Append('<');
                at = open + 1;
            }
            else if (NameOf(open) is { Length: > 0 } name && !Inline.Contains(name)) plain.Append(' ');
        }
        return plain.Append(html, at, html.Length - at).ToString();
    }

    private bool IsTag(int open) => open + 1 < html.Length && (char.IsAsciiLetter(html[open + 1]) || html[open + 1] is '/' or '!');

    private ReadOnlySpan<char> NameOf(int open)
    {
        var name = html.AsSpan(html[open + 1] == '/' ? open + 2 : open + 1);
        var length = 0;
        while (length < name.Length && char.IsAsciiLetterOrDigit(name[length])) length++;
        return name[..length];
    }

    // One past the end of the markup that begins here; negative where it has none.
    private int EndOf(int open)
    {
        if (string.CompareOrdinal(html, open, "<!--", 0, 4) == 0) return Find("-->", open + 2) is >= 0 and var dashes ? dashes + 3 : -1; // <!--> is a whole one
        var end = EndOfTag(open);
        if (end < 0 || Closing(NameOf(open)) is not { } closing || html[open + 1] == '/') return end;
        var close = Find(closing, end);
        return close < 0 ? end : EndOfTag(close) is > 0 and var whole ? whole : close;
    }

    private static string? Closing(ReadOnlySpan<char> name) =>
        name.Equals("script", StringComparison.OrdinalIgnoreCase) ? "</script"
        : name.Equals("style", StringComparison.OrdinalIgnoreCase) ? "</style"
        : null;

    // Where a quote has no end, the first > at all ends the tag, here and further on.
    private int EndOfTag(int open)
    {
        var first = Find(">", open);
        if (first < 0) return -1;
        for (var at = open; !_quotesBroken; at++)
        {
            var next = html.AsSpan(at).IndexOfAny('>', '"', '\'');
            at += next;
            if (next >= 0 && html[at] == '>') return at + 1;
            if (next >= 0 && html[at - 1] == '=') next = at = html.IndexOf(html[at], at + 1);
            _quotesBroken = next < 0;
        }
        return first + 1;
    }

    private int Find(string what, int from)
    {
        if (_absent.Contains(what)) return -1;
        var at = html.IndexOf(what, from, StringComparison.OrdinalIgnoreCase);
        if (at < 0) _absent.Add(what);
        return at;
    }
}
