using System.Buffers;
using System.Globalization;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Encoders.Text.Tokenizers;

namespace LmmRec.Encoders.Text;

/// <summary>
/// CLIP's tokenizer (docs/encoders.md#clips-tokens): lower case, split into words, numbers digit by digit, and punctuation; each piece as UTF-8
/// bytes, whose neighbours are merged by rank. Ids: 256 bytes, the same 256 at the end of a word, one per merge, start marker, end marker; padding
/// is 0.
/// </summary>
public sealed class BytePairTokenizer : ITokenizer
{
    private const int WordEnd = 256; // added to the id of a piece's last byte
    private const string StartText = "<|startoftext|>", EndText = "<|endoftext|>";
    private static readonly string[] Suffixes = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    private static readonly int[] ByteIds = NumberBytes();

    private readonly TextCleaning _cleaning;
    private readonly Merges _merges = new(); // a pair becomes a symbol of its own: the lower its id, the better
    private readonly int _start, _end;

    /// <summary>Reads merges, one pair of symbols a line, best first, under a header line.</summary>
    /// <param name="lines">the lines of a <c>merges.txt</c></param>
    /// <param name="cleaning">what is done to a text first</param>
    /// <param name="mergeCount">how many merges the vocabulary has; null: all (the public CLIP file has more lines than CLIP uses)</param>
    /// <exception cref="InvalidInputException">A line is no pair of symbols that are known by then.</exception>
    public BytePairTokenizer(IEnumerable<string> lines, TextCleaning cleaning, int? mergeCount = null)
    {
        _cleaning = cleaning;
        var symbols = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var b = 0; b < 256; b++)
        {
            symbols[ByteLetters.Of((byte)b).ToString()] = ByteIds[b];
            symbols[ByteLetters.Of((byte)b) + "</w>"] = ByteIds[b] + WordEnd;
        }
        foreach (var line in lines.Skip(1).Take(mergeCount ?? int.MaxValue))
        {
            var merged = 2 * WordEnd + _merges.Count;
            var pair = line.Split(' ');
            if (pair.Length != 2 || !symbols.TryGetValue(pair[0], out var left) || !symbols.TryGetValue(pair[1], out var right))
                throw new InvalidInputException($"merges, line {_merges.Count + 2}: '{line}' is no pair of two symbols that earlier lines make, parted by one blank");
            if (!_merges.Add(left, right, rank: merged, merged))
                throw new InvalidInputException($"merges, line {_merges.Count + 2}: '{line}' stands there twice");
            symbols[pair[0] + pair[1]] = merged;
        }
        if (mergeCount > _merges.Count)
            throw new InvalidInputException($"merges: there are {_merges.Count} of the {mergeCount} that the vocabulary needs; is the file truncated?");
        _start = 2 * WordEnd + _merges.Count;
        _end = _start + 1;
    }

    /// <summary>How many merges a vocabulary of <paramref name="size"/> ids has.</summary>
    public static int MergesOf(int size) => size - 2 * WordEnd - 2;

    /// <inheritdoc/>
    public int VocabularySize => _end + 1;

    /// <inheritdoc/>
    public int Encode(string text, Span<long> ids)
    {
        text = LowerCase.Of(_cleaning.Clean(text));
        var count = 0;
        ids[count++] = _start;
        var at = 0;
        while (count < ids.Length && NextPiece(text, ref at, out var piece))
        {
            if (text.AsSpan(piece) is StartText) ids[count++] = _start;
            else if (text.AsSpan(piece) is EndText) ids[count++] = _end;
            else count += EncodePiece(text.AsSpan(piece), ids[count..]);
        }
        if (count == ids.Length) ids[^1] = _end;
        else ids[count++] = _end;
        ids[count..].Clear();
        return count;
    }

    // Markers, suffixes, a run of letters, one digit, a run of other visible characters.
    private static bool NextPiece(string text, ref int at, out Range piece)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        var start = at;
        piece = start..start;
        if (at == text.Length) return false;
        var rest = text.AsSpan(at);
        if (FixedPiece(rest) is var length and > 0) at += length;
        else
        {
            var kind = KindAt(text, at, out length);
            at += length;
            if (kind != Kind.Number)
                while (at < text.Length && KindAt(text, at, out length) == kind) at += length;
        }
        piece = start..at;
        return true;
    }

    private static int FixedPiece(ReadOnlySpan<char> text)
    {
        if (text[0] == '<') return text.StartsWith(StartText) ? StartText.Length : text.StartsWith(EndText) ? EndText.Length : 0;
        if (text[0] != '\'') return 0;
        if (text.Length > 1 && text[1] == 'ſ') return 2; // the long s is an s to a pattern that ignores case
        foreach (var suffix in Suffixes)
            if (text.StartsWith(suffix)) return suffix.Length;
        return 0;
    }

    private enum Kind { Space, Letter, Number, Other }

    private static Kind KindAt(string text, int at, out int length)
    {
        length = 1;
        var c = text[at];
        if (char.IsAscii(c)) return char.IsAsciiLetter(c) ? Kind.Letter : char.IsAsciiDigit(c) ? Kind.Number : char.IsWhiteSpace(c) ? Kind.Space : Kind.Other;
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])) length = 2;
        if (char.IsWhiteSpace(c)) return Kind.Space;
        return CharUnicodeInfo.GetUnicodeCategory(text, at) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }

    private int EncodePiece(ReadOnlySpan<char> piece, Span<long> ids)
    {
        var size = Encoding.UTF8.GetMaxByteCount(piece.Length);
        var rented = size > 256 ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> bytes = rented ?? stackalloc byte[256];
        bytes = bytes[..Encoding.UTF8.GetBytes(piece, bytes)];
        var rentedSymbols = bytes.Length > 256 ? ArrayPool<int>.Shared.Rent(bytes.Length) : null;
        Span<int> symbols = rentedSymbols ?? stackalloc int[256];
        symbols = symbols[..bytes.Length];
        for (var i = 0; i < symbols.Length; i++) symbols[i] = ByteIds[bytes[i]];
        symbols[^1] += WordEnd;
        var count = Math.Min(_merges.Apply(symbols), ids.Length);
        for (var i = 0; i < count; i++) ids[i] = symbols[i];
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        if (rentedSymbols is not null) ArrayPool<int>.Shared.Return(rentedSymbols);
        return count;
    }

    // Bytes that print as themselves come first, then the 68 others.
    private static int[] NumberBytes()
    {
        var order = Enumerable.Range(0, 256).OrderBy(b => !ByteLetters.Prints(b)).ToArray();
        var ids = new int[256];
        for (var id = 0; id < 256; id++) ids[order[id]] = id;
        return ids;
    }
}
