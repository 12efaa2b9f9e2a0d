using LmmRec.Encoders.Text.Characters;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>The ids of single characters, as a vocabulary has them between a prefix and a suffix.</summary>
internal sealed class Symbols
{
    private readonly int[] _basic = new int[char.MaxValue + 1];
    private readonly Dictionary<int, int> _beyond = [];

    public Symbols(Dictionary<string, int> vocabulary, string prefix, string suffix)
    {
        Array.Fill(_basic, -1);
        foreach (var (word, id) in vocabulary)
        {
            var length = word.Length - prefix.Length - suffix.Length;
            if (length is not (1 or 2) || !word.StartsWith(prefix, StringComparison.Ordinal) || !word.EndsWith(suffix, StringComparison.Ordinal)) continue;
            var code = RuneSet.At(word.AsSpan(prefix.Length, length), 0, out var taken);
            if (taken != length) continue;
            if (code < _basic.Length) _basic[code] = id;
            else _beyond[code] = id;
        }
    }

    /// <summary>The character's id; -1: the vocabulary lacks it.</summary>
    public int Of(int code) => code < _basic.Length ? _basic[code] : _beyond.GetValueOrDefault(code, -1);
}
