using System.Globalization;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>
/// Resolves HTML's character references. Names are those of HTML 5, in <c>entities.txt</c>: each line has a character, or two, and its names, with a star
/// where the semicolon may be missing.
/// </summary>
public static class HtmlEntities
{
    private const int LongestName = 32, LongestWhole = 24;

    private static readonly Dictionary<string, (string Text, bool Bare)>.AlternateLookup<ReadOnlySpan<char>> Names = Read();

    /// <summary>As browsers and Python's <c>html.unescape</c> do: numbers and the oldest names without semicolon too (<c>&amp;amp chips</c>).</summary>
    public static string Resolve(string text) => Resolve(text, rest => rest.Length > 1 && rest[1] == '#' ? Number(rest) : Name(rest));

    /// <summary>As ftfy does: only what ends in a semicolon, and names in capitals of letters that have some (<c>&amp;EACUTE;</c>).</summary>
    public static string ResolveWhole(string text) => Resolve(text, Whole);

    private delegate (string? Resolved, int Length) Reader(ReadOnlySpan<char> text);

    private static string Resolve(string text, Reader read)
    {
        var result = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        for (var at = rest.IndexOf('&'); at >= 0; at = rest.IndexOf('&'))
        {
            result.Append(rest[..at]);
            rest = rest[at..];
            var (resolved, length) = read(rest);
            result.Append(resolved ?? "&");
            rest = rest[(resolved is null ? 1 : length)..];
        }
        return result.Append(rest).ToString();
    }

    private static (string? Resolved, int Length) Whole(ReadOnlySpan<char> text)
    {
        var number = text.Length > 1 && text[1] == '#';
        var end = number ? 2 : 1;
        var start = end;
        while (end < text.Length && end - start <= LongestWhole && char.IsAsciiLetterOrDigit(text[end])) end++;
        if (end == start || end - start > LongestWhole || end == text.Length || text[end] != ';') return (null, 0);
        if (number) return Number(text) is ({ } character, var length) && length == end + 1 && character != ";" ? (character, length) : (null, 0);
        var name = text[1..end];
        if (Names.TryGetValue(name, out var known)) return (known.Text, end + 1);
        // Only where browsers would not read a shorter name.
        return name.ContainsAnyInRange('a', 'z') || Name(text[..(end + 1)]).Resolved is not null || !Names.TryGetValue(name.ToString().ToLowerInvariant(), out known)
            ? (null, 0)
            : (known.Text.ToUpperInvariant(), end + 1);
    }

    private static (string? Resolved, int Length) Number(ReadOnlySpan<char> text)
    {
        var hexadecimal = text.Length > 2 && text[2] is 'x' or 'X';
        var start = hexadecimal ? 3 : 2;
        var end = start;
        while (end < text.Length && (hexadecimal ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end]))) end++;
        if (end == start) return (null, 0);
        var style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (!int.TryParse(text[start..end], style, CultureInfo.InvariantCulture, out var code)) code = int.MaxValue;
        return (Character(code), end < text.Length && text[end] == ';' ? end + 1 : end);
    }

    private static string Character(int code) => code switch
    {
        0 or < 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF) => "\uFFFD",
        0x0D => "\r",
        >= 0x80 and <= 0x9F => CodePage.Windows1252[(byte)code].ToString(), // whatever the standard says of control characters
        < 0x20 and not (0x09 or 0x0A or 0x0C) or 0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
        _ => (code & 0xFFFE) == 0xFFFE || code == 0x0B ? "" : char.ConvertFromUtf32(code),
    };

    private static (string? Resolved, int Length) Name(ReadOnlySpan<char> text)
    {
        var length = 1;
        while (length < text.Length && length <= LongestName && char.IsAsciiLetterOrDigit(text[length])) length++;
        if (length < text.Length && text[length] == ';' && Names.TryGetValue(text[1..length], out var exact)) return (exact.Text, length + 1);
        for (; length > 2; length--)
            if (Names.TryGetValue(text[1..length], out var prefix) && prefix.Bare) return (prefix.Text, length);
        return (null, 0);
    }

    private static Dictionary<string, (string Text, bool Bare)>.AlternateLookup<ReadOnlySpan<char>> Read()
    {
        var names = new Dictionary<string, (string, bool)>(StringComparer.Ordinal);
        foreach (var line in Resource.Lines("entities.txt").Select(line => line.Split(' ')))
        {
            var text = string.Concat(line[0].Split('+').Select(code => char.ConvertFromUtf32(int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
            foreach (var name in line[1..]) names.Add(name.TrimEnd('*'), (text, name.EndsWith('*')));
        }
        return names.GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
