using System.Text;
using System.Text.RegularExpressions;

namespace LmmRec.Encoders.Text;

/// <summary>
/// What ftfy 6 does to a text, as CLIP's training texts went through it, line by line until nothing changes any more: HTML references (but not in
/// lines from the first <c>&lt;</c> on), <see cref="Mojibake"/>, ligatures, full- and half-width forms, curly quotes, line breaks, lone surrogates,
/// terminal colours, control characters, canonical composition.
/// </summary>
internal static partial class TextRepair
{
    private static readonly (char Ligature, string Letters)[] Ligatures =
    [
        ('Ĳ', "IJ"), ('ĳ', "ij"), ('ŉ', "ʼn"), ('Ǳ', "DZ"), ('ǲ', "Dz"), ('ǳ', "dz"), ('Ǆ', "DŽ"), ('ǅ', "Dž"), ('ǆ', "dž"), ('Ǉ', "LJ"), ('ǈ', "Lj"), ('ǉ', "lj"),
        ('Ǌ', "NJ"), ('ǋ', "Nj"), ('ǌ', "nj"), ('ﬀ', "ff"), ('ﬁ', "fi"), ('ﬂ', "fl"), ('ﬃ', "ffi"), ('ﬄ', "ffl"), ('ﬅ', "ſt"), ('ﬆ', "st"),
    ];

    // A text that is escaped more often was made to take time.
    private const int MostPasses = 32;

    // The usual forms of U+FF5F … U+FFEE; a zero where there is none.
    private const char FirstForm = '\uFF5F';
    private const string UsualForms = "⦅⦆。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A"
        + "\u1160\u1100\u1101\u11AA\u1102\u11AC\u11AD\u1103\u1104\u1105\u11B0\u11B1\u11B2\u11B3\u11B4\u11B5\u111A\u1106\u1107\u1108\u1121\u1109\u110A\u110B\u110C\u110D\u110E\u110F\u1110\u1111\u1112\0\0\0"
        + "\u1161\u1162\u1163\u1164\u1165\u1166\0\0\u1167\u1168\u1169\u116A\u116B\u116C\0\0\u116D\u116E\u116F\u1170\u1171\u1172\0\0\u1173\u1174\u1175\0\0\0¢£¬\0¦¥₩\0│←↑→↓■○";

    /// <summary>The repaired text; the text itself where nothing is to do.</summary>
    public static string Of(string text)
    {
        if (Ascii.IsValid(text) && !text.Contains('&') && !text.AsSpan().ContainsAnyInRange('\0', '\x1F') && !text.Contains('\x7F')) return text;
        var result = new StringBuilder(text.Length);
        var entities = true;
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is >= 0 and var found ? found + 1 : text.Length;
            var line = text[start..end];
            entities &= !line.Contains('<');
            result.Append(Line(line, entities));
            start = end;
        }
        return result.ToString();
    }

    private static string Line(string line, bool entities)
    {
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var before = line;
            if (entities) line = HtmlEntities.ResolveWhole(line);
            line = Mojibake.Repaired(line).Replace("\r\n", "\n", StringComparison.Ordinal);
            line = Normalization.Of(Characters(TerminalColours().Replace(Typography(line), "")), NormalizationForm.FormC);
            if (line == before) break;
        }
        return line;
    }

    private static string Typography(string line)
    {
        var result = new StringBuilder(line.Length);
        foreach (var c in line)
        {
            if (char.IsAscii(c) && c != '\r') result.Append(c);
            else if (Array.Find(Ligatures, l => l.Ligature == c).Letters is { } letters) result.Append(letters);
            else result.Append(c switch
            {
                >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
                '\u3000' => ' ',
                >= FirstForm and <= '\uFFEE' when UsualForms[c - FirstForm] is var usual and not '\0' => usual,
                'ʼ' or (>= '‘' and <= '‛') => '\'',
                >= '“' and <= '‟' => '"',
                '\r' or '\u2028' or '\u2029' or '\u0085' => '\n',
                _ => c,
            });
        }
        return result.ToString();
    }

    // Without control characters, and without halves of pairs of surrogates.
    private static string Characters(string line)
    {
        var result = new StringBuilder(line.Length);
        foreach (var rune in line.EnumerateRunes())
            if (rune.Value is not (< 0x09 or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or (>= 0x206A and <= 0x206F) or 0xFEFF or (>= 0xFFF9 and <= 0xFFFC)))
                result.Append(rune);
        return result.ToString();
    }

    [GeneratedRegex("\u001B\\[[0-9;]*[a-zA-Z]")]
    private static partial Regex TerminalColours();
}
