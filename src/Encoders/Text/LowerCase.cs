using System.Buffers;
using System.Globalization;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>Lower case by Unicode's full rules: .NET keeps İ as it is and does not know the final form of Σ.</summary>
internal static class LowerCase
{
    // What .NET's Unicode 16 has no lower case for: İ, and the capitals of Unicode 17, those beyond the basic plane by their first half.
    private static readonly SearchValues<char> Exceptions = SearchValues.Create("İ\uA7CE\uA7D2\uA7D4\uD81B");

    /// <summary>Each character in lower case by itself, so that Σ is always σ, as Rust has it; lone surrogates must be gone.</summary>
    public static string OfEach(string text)
    {
        if (!text.AsSpan().ContainsAny(Exceptions)) return text.ToLowerInvariant();
        var result = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value == 'İ') result.Append("i\u0307");
            else result.Append(rune.Value switch
            {
                0xA7CE or 0xA7D2 or 0xA7D4 => new Rune(rune.Value + 1),
                >= 0x16EA0 and <= 0x16EB8 => new Rune(rune.Value + 0x1B),
                _ => Rune.ToLowerInvariant(rune),
            });
        return result.ToString();
    }

    /// <summary>The whole text in lower case, as Python's <c>str.lower</c>.</summary>
    public static string Of(string text)
    {
        var lower = text.ToLowerInvariant();
        if (Ascii.IsValid(text) || text.AsSpan().IndexOfAny('İ', 'Σ') < 0) return lower;
        var result = new StringBuilder(lower.Length);
        for (var i = 0; i < lower.Length; i++)
            result.Append(text[i] switch
            {
                'İ' => "i\u0307",
                'Σ' => EndsWord(text, i) ? "ς" : "σ",
                _ => lower[i].ToString(),
            });
        return result.ToString();
    }

    // A cased letter before, none after; marks and apostrophes in between do not count.
    private static bool EndsWord(string text, int at)
    {
        var before = at - 1;
        while (before >= 0 && IsIgnored(text[before])) before--;
        var after = at + 1;
        while (after < text.Length && IsIgnored(text[after])) after++;
        return before >= 0 && IsCased(text[before]) && !(after < text.Length && IsCased(text[after]));
    }

    private static bool IsCased(char c) => char.IsLower(c) || char.IsUpper(c) || char.GetUnicodeCategory(c) == UnicodeCategory.TitlecaseLetter;

    private static bool IsIgnored(char c) => c is '\'' or '.' or ':' or '·' or '’' or '‘' || char.GetUnicodeCategory(c) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
}
