using System.Globalization;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>Lower case by Unicode's full rules, as Python's <c>str.lower</c>: .NET keeps İ as it is and does not know the final form of Σ.</summary>
internal static class LowerCase
{
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
