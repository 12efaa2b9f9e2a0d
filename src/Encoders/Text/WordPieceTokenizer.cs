using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Text;

/// <summary>
/// BERT's uncased tokenizer (docs/encoders.md#word-pieces), as Hugging Face's tokenizers have it: lower case without accents, split at white
/// space, punctuation and around Chinese characters, then the longest pieces that the vocabulary knows, those inside a word written
/// <c>##piece</c>. Padding is <c>[PAD]</c>; it and the other markers are themselves in a text too.
/// </summary>
public sealed partial class WordPieceTokenizer : ITokenizer
{
    private const int LongestWord = 100; // characters; a longer word is unknown as a whole. BERT's own code says 200
    private readonly TextCleaning _cleaning;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _beginnings, _continuations;
    private readonly int _padding, _unknown, _start, _end;

    /// <summary>Reads a vocabulary, one piece a line; a piece's id is its line.</summary>
    /// <param name="lines">the lines of a <c>vocab.txt</c></param>
    /// <param name="cleaning">what is done to a text first</param>
    /// <exception cref="InvalidInputException">A marker is missing.</exception>
    public WordPieceTokenizer(IReadOnlyList<string> lines, TextCleaning cleaning)
    {
        _cleaning = cleaning;
        var beginnings = new Dictionary<string, int>(StringComparer.Ordinal);
        var continuations = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < lines.Count; id++)
        {
            beginnings[lines[id]] = id;
            if (lines[id].StartsWith("##", StringComparison.Ordinal)) continuations[lines[id][2..]] = id;
        }
        (_padding, _unknown, _start, _end) = (Marker("[PAD]"), Marker("[UNK]"), Marker("[CLS]"), Marker("[SEP]"));
        _beginnings = beginnings.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
        VocabularySize = lines.Count;

        int Marker(string marker) => beginnings.TryGetValue(marker, out var id)
            ? id
            : throw new InvalidInputException($"vocabulary: {marker} is missing; allowed is BERT's vocab.txt, one piece a line");
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int Encode(string text, Span<long> ids)
    {
        var count = 0;
        ids[count++] = _start;
        var room = ids[..^1];
        text = _cleaning.Clean(text);
        var start = 0;
        foreach (var marker in Markers().EnumerateMatches(text))
        {
            if (!_beginnings.TryGetValue(text.AsSpan(marker.Index, marker.Length), out var id)) continue; // not every vocabulary has [MASK]
            count = EncodeWords(text[start..marker.Index], room, count);
            if (count < room.Length) room[count++] = id;
            start = marker.Index + marker.Length;
        }
        count = EncodeWords(text[start..], room, count);
        ids[count++] = _end;
        ids[count..].Fill(_padding);
        return count;
    }

    private int EncodeWords(string text, Span<long> room, int count)
    {
        var words = Normalise(text).AsSpan();
        foreach (var range in words.Split(' '))
        {
            if (count == room.Length) break;
            if (words[range].Length > 0) count = EncodeWord(words[range], room, count);
        }
        return count;
    }

    // Words, numbers and punctuation parted by single blanks; each character in lower case by itself, so that Σ is σ at the end of a word too.
    private static string Normalise(string text)
    {
        var words = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsDropped(rune)) continue;
            if (Rune.IsWhiteSpace(rune)) words.Append(' ');
            else if (IsPunctuation(rune) || IsChinese(rune.Value))
            {
                words.Append(' ');
                Accents.AppendStripped(words, rune);
                words.Append(' ');
            }
            else Accents.AppendStripped(words, rune);
        }
        return words.ToString().ToLowerInvariant();
    }

    private int EncodeWord(ReadOnlySpan<char> word, Span<long> ids, int count)
    {
        var first = count;
        if (word.Length > LongestWord && Runes(word) > LongestWord) return Unknown(ids, first);
        for (var start = 0; start < word.Length;)
        {
            var end = word.Length;
            var known = start == 0 ? _beginnings : _continuations;
            int id;
            while (!known.TryGetValue(word[start..end], out id))
                if (--end == start) return Unknown(ids, first);
            // A word whose later pieces do not fit must still be known to its end: one that is not is unknown as a whole.
            if (count < ids.Length) ids[count++] = id;
            start = end;
        }
        return count;
    }

    private int Unknown(Span<long> ids, int at)
    {
        ids[at] = _unknown;
        return at + 1;
    }

    [GeneratedRegex(@"\[(PAD|UNK|CLS|SEP|MASK)\]")]
    private static partial Regex Markers();

    private static int Runes(ReadOnlySpan<char> word)
    {
        var count = 0;
        foreach (var _ in word.EnumerateRunes()) count++;
        return count;
    }

    private static bool IsDropped(Rune rune) => rune.Value == 0xFFFD
        || (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse && rune.Value is not ('\t' or '\n' or '\r'));

    // All printable ASCII that is neither letter nor digit, and Unicode's punctuation.
    private static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? !Rune.IsLetterOrDigit(rune)
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
            or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;

    // The blocks of Chinese characters; Korean and Japanese syllables are written with blanks or in runs like other words.
    private static bool IsChinese(int code) => code is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or
        (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
