using System.Globalization;
using System.Net;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>
/// Resolves HTML entities as browsers and Python's <c>html.unescape</c> do: numbers with or without semicolon, the names of Latin-1 characters without
/// semicolon too (<c>&amp;amp chips</c>). Names are those of HTML 4, which <see cref="WebUtility"/> knows.
/// </summary>
public static class HtmlEntities
{
    private const int LongestName = 32;

    public static string Resolve(string text)
    {
        var result = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        for (var at = rest.IndexOf('&'); at >= 0; at = rest.IndexOf('&'))
        {
            result.Append(rest[..at]);
            rest = rest[at..];
            var (resolved, length) = rest.Length > 1 && rest[1] == '#' ? Number(rest) : Name(rest);
            result.Append(resolved ?? "&");
            rest = rest[(resolved is null ? 1 : length)..];
        }
        return result.Append(rest).ToString();
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
        0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF) => "\uFFFD",
        0x0D => "\r",
        >= 0x80 and <= 0x9F => Windows1252[code - 0x80].ToString(),
        < 0x20 and not (0x09 or 0x0A or 0x0C) or 0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
        _ => (code & 0xFFFE) == 0xFFFE || code == 0x0B ? "" : char.ConvertFromUtf32(code),
    };

    // Numbers 128 … 159 mean Windows-1252, whatever the standard says of control characters.
    private const string Windows1252 =
        "\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178";

    private static (string? Resolved, int Length) Name(ReadOnlySpan<char> text)
    {
        var length = 1;
        while (length < text.Length && length <= LongestName && char.IsAsciiLetterOrDigit(text[length])) length++;
        if (length < text.Length && text[length] == ';' && Lookup(text[1..length]) is { } exact) return (exact, length + 1);
        for (; length > 2; length--)
            if (Lookup(text[1..length]) is { } prefix && prefix[0] <= '\xFF' && text[1..length] is not "apos") return (prefix, length); // apos came with XML, when the semicolon was a must
        return (null, 0);
    }

    private static string? Lookup(ReadOnlySpan<char> name)
    {
        if (name.Length == 0) return null;
        var entity = $"&{name};";
        var resolved = WebUtility.HtmlDecode(entity);
        return resolved == entity ? null : resolved;
    }
}
