using System.Collections.Concurrent;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>The ids of short pieces that were met before: most words of a text are. It keeps the first ones, so it stays small.</summary>
internal sealed class PieceCache
{
    private const int MostPieces = 1 << 16, LongestPiece = 64; // some 10 MB in all

    private readonly ConcurrentDictionary<string, int[]> _ids = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private int _count;

    public PieceCache() => _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Adds the ids of <paramref name="piece"/> if it was met before.</summary>
    public bool TryAdd(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (piece.Length > LongestPiece || !_lookup.TryGetValue(piece, out var known)) return false;
        ids.AddRange(known);
        return true;
    }

    /// <summary>Remembers that <paramref name="piece"/> gave the ids from <paramref name="first"/> on.</summary>
    public void Remember(ReadOnlySpan<char> piece, List<int> ids, int first)
    {
        if (piece.Length > LongestPiece || Volatile.Read(ref _count) >= MostPieces) return;
        if (_ids.TryAdd(piece.ToString(), [.. ids[first..]])) Interlocked.Increment(ref _count);
    }
}
