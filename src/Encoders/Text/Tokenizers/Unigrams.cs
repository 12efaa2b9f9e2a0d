using System.Buffers;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Encoders.Text.Characters;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>A language model over pieces: of all ways to cut a text into pieces of the vocabulary, the likeliest (docs/encoders.md#unigrams).</summary>
internal sealed class Unigrams : ITokenModel
{
    private const double UnknownPenalty = 10; // below the unlikeliest piece

    private readonly Trie _pieces = new();
    private readonly double[] _scores; // log-probabilities
    private readonly double _unknownScore;
    private readonly int _unknown;
    private readonly int[]? _bytes;
    private readonly string _place;
    private readonly Dictionary<string, int> _vocabulary = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly PieceCache _cache = new();

    /// <param name="pieces">in the order of their ids, with their log-probabilities</param>
    /// <param name="unknown">the id of what the vocabulary lacks; -1: there is none</param>
    /// <param name="byteFallback">whether that becomes the ids of its UTF-8 bytes, written &lt;0x0A&gt;</param>
    /// <param name="place">where the vocabulary stands, for messages</param>
    public Unigrams(IReadOnlyList<(string Piece, double Score)> pieces, int unknown, bool byteFallback, string place)
    {
        (_unknown, _place) = (unknown, place);
        _scores = [.. pieces.Select(piece => piece.Score)];
        _unknownScore = _scores.DefaultIfEmpty(0).Min() - UnknownPenalty;
        for (var id = 0; id < pieces.Count; id++) _vocabulary[pieces[id].Piece] = id; // of two alike the last counts
        foreach (var (piece, id) in _vocabulary)
            if (piece.Length > 0) _pieces.Add(piece, id);
        _lookup = _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        if (byteFallback) _bytes = [.. Enumerable.Range(0, 256).Select(b => _vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1))];
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Vocabulary => _vocabulary;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_cache.TryAdd(piece, ids)) return;
        var first = ids.Count;
        var rented = ArrayPool<(double Score, int Start, int Id)>.Shared.Rent(piece.Length + 1);
        var best = rented.AsSpan(0, piece.Length + 1); // the likeliest way to each place: its score, and its last piece
        FindBest(piece, best);
        AddPieces(piece, best, ids);
        ArrayPool<(double, int, int)>.Shared.Return(rented);
        _cache.Remember(piece, ids, first);
    }

    private void FindBest(ReadOnlySpan<char> text, Span<(double Score, int Start, int Id)> best)
    {
        best.Fill((double.NegativeInfinity, -1, -1));
        best[0].Score = 0;
        for (int start = 0, length; start < text.Length; start += length)
        {
            RuneSet.At(text, start, out length);
            var hasSingle = false;
            for (int node = Trie.Root, end = start; end < text.Length;)
            {
                if ((node = _pieces.Next(node, text[end++])) == Trie.None) break;
                if (_pieces.Value(node) is not (>= 0 and var id)) continue;
                Offer(ref best[end], best[start].Score + _scores[id], start, id);
                hasSingle |= end == start + length;
            }
            if (hasSingle) continue;
            if (_unknown < 0) throw new InvalidInputException($"{_place}: '{text.Slice(start, length)}' is not in the vocabulary, and unk_id names no id for what is not");
            Offer(ref best[start + length], best[start].Score + _unknownScore, start, _unknown);
        }

        static void Offer(ref (double Score, int Start, int Id) place, double score, int start, int id)
        {
            if (place.Start < 0 || score > place.Score) place = (score, start, id);
        }
    }

    // Unknown pieces that follow each other are one.
    private void AddPieces(ReadOnlySpan<char> text, ReadOnlySpan<(double Score, int Start, int Id)> best, List<int> ids)
    {
        var first = ids.Count;
        for (var end = text.Length; end > 0;)
        {
            var (_, start, id) = best[end];
            while (id == _unknown && start > 0 && best[start].Id == _unknown) start = best[start].Start;
            if (id == _unknown) AddUnknown(text[start..end], ids);
            else ids.Add(id);
            end = start;
        }
        ids.Reverse(first, ids.Count - first);
    }

    private void AddUnknown(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_lookup.TryGetValue(piece, out var id)) ids.Add(id);
        else if (_bytes is not null && Encoding.UTF8.GetBytes(piece.ToString()) is var bytes && Array.TrueForAll(bytes, b => _bytes[b] >= 0))
            for (var i = bytes.Length - 1; i >= 0; i--) ids.Add(_bytes[bytes[i]]); // all is turned round at the end
        else ids.Add(_unknown);
    }
}
