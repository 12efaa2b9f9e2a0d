using LmmRec.Encoders.Text.Characters;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>
/// Places that no merge can cross, because no word of the vocabulary has these two characters side by side. What lies between two such places
/// is merged for itself, with the same result: a text that is one long piece falls into words again, most of which were met before.
/// </summary>
internal sealed class Seams
{
    private const int Bits = 22;

    private readonly ulong[] _pairs = new ulong[(1 << Bits) / 64]; // a bit per hash: two pairs of one hash only cost a seam

    public Seams(IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            for (int at = 0, length, last = -1; at < word.Length; at += length)
            {
                var code = RuneSet.At(word, at, out length);
                if (last >= 0) _pairs[Hash(last, code) >> 6] |= 1UL << Hash(last, code);
                last = code;
            }
        }
    }

    /// <summary>How much of <paramref name="text"/> lies before the first seam. Characters that <paramref name="known"/> lacks may fuse, so none lies beside them.</summary>
    public int Next(ReadOnlySpan<char> text, Symbols known)
    {
        for (int at = 0, length, last = -1; at < text.Length; at += length)
        {
            var code = RuneSet.At(text, at, out length);
            var isKnown = known.Of(code) >= 0;
            if (last >= 0 && isKnown && (_pairs[Hash(last, code) >> 6] >> Hash(last, code) & 1) == 0) return at;
            last = isKnown ? code : -1;
        }
        return text.Length;
    }

    private static int Hash(int first, int second) => (int)((ulong)(((long)first << 21) + second) * 0x9E3779B97F4A7C15 >> (64 - Bits));
}
