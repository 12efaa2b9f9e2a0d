using System.Globalization;

namespace LmmRec.Encoders.Text.Characters;

/// <summary>
/// Sets of characters as Hugging Face's tokenizers have them (docs/encoders.md#characters). Some of their parts know an old version of Unicode: those
/// sets come along as <c>characters.txt</c>, a range and its set a line. The others are this runtime's categories.
/// </summary>
internal static class CharacterSets
{
    private static readonly string[] CategoryNames = // in the order of UnicodeCategory
        ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn"];

    private static readonly RuneSet[] Categories = ByCategory();

    private static readonly Dictionary<string, RuneSet> Listed = ReadListed();

    /// <summary>White space.</summary>
    public static RuneSet White { get; } = Property("Z")! | RuneSet.Of(9, 13) | RuneSet.Of(0x85, 0x85);

    /// <summary>Numbers, those of Unicode 17 among them.</summary>
    public static RuneSet Numbers { get; } = Property("N")! | RuneSet.Of(0x11DE0, 0x11DE9) | RuneSet.Of(0x16FF4, 0x16FF6);

    /// <summary>Letters, marks, decimal digits, connectors and what counts as a letter: the \w of the pre-tokenizer Whitespace and of added tokens.</summary>
    public static RuneSet Word { get; } = Property("L")! | Property("M")! | Property("Nd")! | Property("Nl")! | Property("Pc")!
        | RuneSet.Of(0x200C, 0x200D) | RuneSet.Of(0x24B6, 0x24E9) | RuneSet.Of(0x1F130, 0x1F149) | RuneSet.Of(0x1F150, 0x1F169) | RuneSet.Of(0x1F170, 0x1F189);

    /// <summary>All visible ASCII that is neither letter nor digit, and Unicode's punctuation.</summary>
    public static RuneSet Punctuation { get; } = Listed["punctuation"];

    /// <summary>What BERT's stripping of accents takes away.</summary>
    public static RuneSet Accents { get; } = Listed["accent"];

    /// <summary>What the normalizer StripAccents takes away.</summary>
    public static RuneSet Marks { get; } = Listed["mark"];

    /// <summary>What BERT's cleaning takes away.</summary>
    public static RuneSet Control { get; } = Listed["control"];

    /// <summary>Chinese characters as BERT has them.</summary>
    public static RuneSet Chinese { get; } = RuneSet.Of(0x3400, 0x4DBF) | RuneSet.Of(0x4E00, 0x9FFF) | RuneSet.Of(0xF900, 0xFAFF) | RuneSet.Of(0x20000, 0x2A6DF)
        | RuneSet.Of(0x2A700, 0x2B81F) | RuneSet.Of(0x2B920, 0x2CEAF) | RuneSet.Of(0x2F800, 0x2FA1F);

    /// <summary>The characters of a general category (Lu) or of a group of them (L); null: there is none of this name.</summary>
    public static RuneSet? Property(string name)
    {
        RuneSet? result = null;
        for (var i = 0; i < CategoryNames.Length; i++)
            if (name is [_] or [_, _] && CategoryNames[i].StartsWith(name, StringComparison.Ordinal)) result = result is null ? Categories[i] : result | Categories[i];
        return result;
    }

    private static RuneSet[] ByCategory()
    {
        var bounds = new List<int>[CategoryNames.Length];
        for (var i = 0; i < bounds.Length; i++) bounds[i] = [];
        var start = 0;
        for (var code = 1; code <= 0x110000; code++)
        {
            if (code < 0x110000 && CharUnicodeInfo.GetUnicodeCategory(code) == CharUnicodeInfo.GetUnicodeCategory(start)) continue;
            bounds[(int)CharUnicodeInfo.GetUnicodeCategory(start)].AddRange([start, code]);
            start = code;
        }
        return [.. bounds.Select(RuneSet.OfBounds)];
    }

    private static Dictionary<string, RuneSet> ReadListed() => Resource.Lines("characters.txt")
        .Select(line => (First: Number(line[..line.IndexOf('-')]), Last: Number(line[(line.IndexOf('-') + 1)..line.IndexOf(' ')]), Set: line[(line.IndexOf(' ') + 1)..]))
        .GroupBy(line => line.Set)
        .ToDictionary(lines => lines.Key, lines => RuneSet.OfBounds(lines.SelectMany(line => (int[])[line.First, line.Last + 1])), StringComparer.Ordinal);

    private static int Number(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
