using System.Globalization;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>
/// Unicode's normal forms. .NET leaves them to ICU, which this program does without, so the table of Unicode 9 comes along as <c>normalization.txt</c>
/// (docs/encoders.md#characters says why so old a one): <c>00E9=0065 0301</c> is a character and what it decomposes into, with <c>&gt;</c> for one that
/// is never composed again and <c>~</c> for one that is only compatible with that; <c>0300-0314:230</c> are marks and their combining class. Korean
/// syllables follow Unicode's arithmetic (chapter 3.12).
/// </summary>
internal static class Normalization
{
    private const int FirstMark = 0x300; // nothing below changes by composing
    private const int FirstDecomposed = 0xC0, FirstCompatible = 0xA0;
    private const int FirstSyllable = 0xAC00, FirstLead = 0x1100, FirstVowel = 0x1161, BeforeFirstTail = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    private static readonly Dictionary<int, (int First, int Second)> Parts = [];
    private static readonly Dictionary<(int First, int Second), int> Wholes = [];
    private static readonly Dictionary<int, int[]> Compatible = [];
    private static readonly Dictionary<int, byte> Classes = [];

    static Normalization()
    {
        foreach (var line in Resource.Lines("normalization.txt"))
        {
            var at = line.IndexOfAny(['=', '>', '~', '-']);
            var code = Number(line[..at]);
            if (line[at] == '-')
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                for (var mark = code; mark <= Number(line[(at + 1)..colon]); mark++) Classes[mark] = byte.Parse(line[(colon + 1)..], CultureInfo.InvariantCulture);
                continue;
            }
            int[] parts = [.. line[(at + 1)..].Split(' ').Select(Number)];
            if (line[at] == '~')
            {
                Compatible[code] = parts;
                continue;
            }
            Parts[code] = (parts[0], parts.Length > 1 ? parts[1] : 0);
            if (line[at] == '=') Wholes[Parts[code]] = code;
        }

        static int Number(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>The text in one of the four forms; lone surrogates must be gone.</summary>
    public static string Of(string text, NormalizationForm form)
    {
        var compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        var composed = form is NormalizationForm.FormC or NormalizationForm.FormKC;
        var first = (char)(compatible ? FirstCompatible : composed ? FirstMark : FirstDecomposed);
        if (!text.AsSpan().ContainsAnyInRange(first, char.MaxValue)) return text;
        var codes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, compatible, codes);
        Order(codes);
        var result = new StringBuilder(text.Length);
        foreach (var code in composed ? Compose(codes) : codes) result.Append(new Rune(code));
        return result.ToString();
    }

    private static void Decompose(int code, bool compatible, List<int> result)
    {
        if (code - FirstSyllable is >= 0 and < Syllables and var syllable)
        {
            result.Add(FirstLead + syllable / (Vowels * Tails));
            result.Add(FirstVowel + syllable % (Vowels * Tails) / Tails);
            if (syllable % Tails is var tail and > 0) result.Add(BeforeFirstTail + tail);
        }
        else if (code < FirstCompatible) result.Add(code);
        else if (compatible && Compatible.TryGetValue(code, out var all)) result.AddRange(all);
        else if (Parts.TryGetValue(code, out var parts))
        {
            Decompose(parts.First, compatible, result);
            if (parts.Second != 0) Decompose(parts.Second, compatible, result);
        }
        else result.Add(code);
    }

    // Marks that follow each other, by class; those of one class keep their order.
    private static void Order(List<int> codes)
    {
        for (var start = 0; start < codes.Count; start++)
        {
            var end = start;
            while (end < codes.Count && ClassOf(codes[end]) != 0) end++;
            if (end - start < 2) continue;
            foreach (var mark in codes.GetRange(start, end - start).OrderBy(ClassOf)) codes[start++] = mark;
        }
    }

    // Each character joins the last one that is no mark, unless something of its class or a higher one lies between.
    private static List<int> Compose(List<int> codes)
    {
        var result = new List<int>(codes.Count);
        var (starter, between) = (-1, -1);
        foreach (var code in codes)
        {
            var own = ClassOf(code);
            if (starter >= 0 && (between < own || between == -1) && Whole(result[starter], code) is { } whole)
            {
                result[starter] = whole;
                continue;
            }
            (starter, between) = own == 0 ? (result.Count, -1) : (starter, own);
            result.Add(code);
        }
        return result;
    }

    private static int? Whole(int first, int second)
    {
        if (first - FirstLead is >= 0 and < Leads and var lead && second - FirstVowel is >= 0 and < Vowels and var vowel) return FirstSyllable + (lead * Vowels + vowel) * Tails;
        if (first - FirstSyllable is >= 0 and < Syllables and var syllable && syllable % Tails == 0 && second - BeforeFirstTail is > 0 and < Tails and var tail) return first + tail;
        return Wholes.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private static int ClassOf(int code) => code < FirstMark ? 0 : Classes.GetValueOrDefault(code);
}
