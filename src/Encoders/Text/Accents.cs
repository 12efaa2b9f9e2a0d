using System.Globalization;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>
/// Strips accents as Unicode's canonical decomposition (NFD) followed by dropping non-spacing marks does. .NET leaves the decomposition to ICU, which
/// this program does without, so the table comes along: each line of <c>unaccented.txt</c> is what remains, a blank, and the lower-case
/// characters of Unicode 14 of which it remains. Korean syllables follow Unicode's arithmetic (chapter 3.12).
/// </summary>
internal static class Accents
{
    private const int FirstSyllable = 0xAC00, LastSyllable = 0xD7A3, FirstLead = 0x1100, FirstVowel = 0x1161, BeforeFirstTail = 0x11A7;
    private const int Vowels = 21, Tails = 28;

    private static readonly Dictionary<Rune, string> Table = Read();

    /// <summary>Appends what remains of the lower-case <paramref name="rune"/>.</summary>
    public static void AppendStripped(StringBuilder result, Rune rune)
    {
        if (rune.Value < 0xC0) result.Append((char)rune.Value);
        else if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark) return;
        else if (rune.Value is >= FirstSyllable and <= LastSyllable) AppendLetters(result, rune.Value - FirstSyllable);
        else if (Table.TryGetValue(rune, out var rest)) result.Append(rest);
        else result.Append(rune);
    }

    private static void AppendLetters(StringBuilder result, int syllable)
    {
        result.Append((char)(FirstLead + syllable / (Vowels * Tails)));
        result.Append((char)(FirstVowel + syllable % (Vowels * Tails) / Tails));
        if (syllable % Tails is var tail and > 0) result.Append((char)(BeforeFirstTail + tail));
    }

    private static Dictionary<Rune, string> Read()
    {
        using var file = typeof(Accents).Assembly.GetManifestResourceStream("unaccented.txt")!;
        using var reader = new StreamReader(file);
        var table = new Dictionary<Rune, string>();
        while (reader.ReadLine() is { } line)
        {
            var blank = line.IndexOf(' ', StringComparison.Ordinal);
            foreach (var rune in line[(blank + 1)..].EnumerateRunes()) table.Add(rune, line[..blank]);
        }
        return table;
    }
}
