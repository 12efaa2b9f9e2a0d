using System.Text;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

/// <summary>Texts made to part one tokenizer from another: scripts and signs by seed, mixed, repeated, and added tokens among them.</summary>
internal static class HostileTexts
{
    // Blocks that normal forms, splitting and byte fallback treat each in its own way.
    private static readonly (int First, int Last)[] Blocks =
    [
        (0x20, 0x7E), (0x20, 0x7E), (0x61, 0x7A), (0x61, 0x7A), (0x30, 0x39), (0x00, 0x20), (0x7F, 0xA0), (0xA1, 0xFF), (0x100, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F),
        (0x530, 0x5FF), (0x600, 0x6FF), (0x700, 0x8FF), (0x900, 0xDFF), (0xE00, 0xE7F), (0xE80, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x1DFF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x218F),
        (0x2190, 0x24FF), (0x2500, 0x2BFF), (0x2C00, 0x2FFF), (0x3000, 0x30FF), (0x3100, 0x33FF), (0x3400, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7FF), (0xE000, 0xF8FF), (0xF900, 0xFAFF),
        (0xFB00, 0xFDFF), (0xFE00, 0xFFFF), (0x10000, 0x1CFFF), (0x1D000, 0x1DFFF), (0x1E000, 0x1EFFF), (0x1F000, 0x1FAFF), (0x20000, 0x2FA1F), (0xE0000, 0xE01EF), (0x0, 0x10FFFF),
    ];

    private static readonly string[] Phrases =
    [
        "İstanbul", "STRASSE straße", "ΣΊΣΥΦΟΣ Σ", "ﬁne ﬂuﬀy", "e\u0301\u0323", "\u1100\u1161\u11A8", "🤦🏼‍♂️", "👨‍👩‍👧‍👦", "🇩🇪🇫🇷", "don't I'LL we've", "ſ'ſ 'S", "50,000.00€", "\u00A0\u2003\u3000", "\r\n\r\n", "▁▁a", "\u200B\u200D\uFEFF", "½ ⅓ ² ①",
        "ＦＵＬＬ ｗｉｄｔｈ", "ｶﾞｷﾞ", "สวัสดีครับ", "مُحَمَّد", "नमस्ते क्षि", "\uFFFD", "A\u0300\u0301\u0302\u0303", "\u0344\u0958\uFB1D", "a_b-c@d.e", "http://x.y/z?q=1&r=%20", "   ", "\t\t", "\n\n\n", "#$%&'()*+", "🏴\U000E0067\U000E0062\U000E007F",
    ];

    /// <summary><paramref name="count"/> texts; some hold one of <paramref name="tokens"/>, with and without blanks around it.</summary>
    public static string[] Make(int count, IReadOnlyList<string> tokens, long seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Make(tokens, random))];
    }

    private static string Make(IReadOnlyList<string> tokens, SeededRandom random)
    {
        var text = new StringBuilder();
        for (var part = random.NextInt32(7); part >= 0; part--)
        {
            var start = text.Length;
            switch (random.NextInt32(8))
            {
                case 0 when tokens.Count > 0:
                    text.Append(' ', random.NextInt32(3)).Append(tokens[random.NextInt32(tokens.Count)]).Append(' ', random.NextInt32(3));
                    break;
                case 1 or 2:
                    text.Append(Phrases[random.NextInt32(Phrases.Length)]);
                    break;
                case 3:
                    text.Append((char)(0xD800 + random.NextInt32(0x800))); // half of a character
                    break;
                default:
                    var (first, last) = Blocks[random.NextInt32(Blocks.Length)];
                    for (var i = random.NextInt32(12); i >= 0; i--)
                        if (first + random.NextInt32(last - first + 1) is var code && Rune.IsValid(code)) text.Append(new Rune(code));
                    break;
            }
            if (random.NextInt32(20) == 0) text.Insert(text.Length, text.ToString(start, text.Length - start), 1 + random.NextInt32(40)); // a long run
            if (random.NextInt32(3) == 0) text.Append(' ');
        }
        return text.ToString();
    }
}
