using System.Buffers;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>Byte-pair encoding's rule: of all neighbours that make a pair, those of the best rank are merged first, the leftmost before others.</summary>
internal sealed class Merges
{
    private const int Short = 32; // symbols: looking through so few is faster than keeping them in order

    private readonly Dictionary<long, (int Rank, int Id)> _pairs = [];

    /// <summary>How many pairs there are.</summary>
    public int Count => _pairs.Count;

    /// <summary>Adds a pair and the symbol that it becomes; the lower the rank, the better.</summary>
    /// <returns>Whether the pair is new.</returns>
    public bool Add(int left, int right, int rank, int merged)
    {
        var isNew = !_pairs.ContainsKey(Pair(left, right));
        _pairs[Pair(left, right)] = (rank, merged);
        return isNew;
    }

    /// <summary>All ways to make a word of <paramref name="vocabulary"/> of two others: files that list no pairs mean these.</summary>
    /// <param name="vocabulary">the words and their ids</param>
    /// <param name="ranks">the rank of each word that may be made</param>
    public static Merges Of(Dictionary<string, int> vocabulary, IReadOnlyDictionary<string, int> ranks)
    {
        var merges = new Merges();
        var lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (word, rank) in ranks)
            for (var at = 1; at < word.Length; at++)
                if (lookup.TryGetValue(word.AsSpan(0, at), out var left) && lookup.TryGetValue(word.AsSpan(at), out var right)) merges.Add(left, right, rank, vocabulary[word]);
        return merges;
    }

    /// <summary>Merges neighbours in <paramref name="symbols"/> until none make a pair; what is left stands at its beginning.</summary>
    /// <returns>How many are left.</returns>
    public int Apply(Span<int> symbols) => symbols.Length switch
    {
        < 2 => symbols.Length,
        <= Short => ApplyToFew(symbols),
        _ => ApplyToMany(symbols),
    };

    private int ApplyToFew(Span<int> symbols)
    {
        Span<(int Rank, int Id)> pairs = stackalloc (int, int)[Short]; // what each symbol and the next one become
        var count = symbols.Length;
        for (var i = 0; i + 1 < count; i++) pairs[i] = Merged(symbols[i], symbols[i + 1]);
        while (true)
        {
            var best = -1;
            var rank = int.MaxValue;
            for (var i = 0; i + 1 < count; i++)
                if (pairs[i].Rank < rank) (best, rank) = (i, pairs[i].Rank);
            if (best < 0) return count;
            symbols[best] = pairs[best].Id;
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            pairs[(best + 1)..(count - 1)].CopyTo(pairs[best..]);
            count--;
            if (best > 0) pairs[best - 1] = Merged(symbols[best - 1], symbols[best]);
            if (best + 1 < count) pairs[best] = Merged(symbols[best], symbols[best + 1]);
        }
    }

    // Symbols as a list whose merged ones drop out, and a queue of pairs, of which some are out of date when their turn comes.
    private int ApplyToMany(Span<int> symbols)
    {
        var rented = ArrayPool<int>.Shared.Rent(2 * symbols.Length);
        var before = rented.AsSpan(0, symbols.Length);
        var after = rented.AsSpan(symbols.Length, symbols.Length);
        var queue = new PriorityQueue<(int At, int Left, int Right, int Id), long>();
        for (var i = 0; i < symbols.Length; i++)
        {
            (before[i], after[i]) = (i - 1, i + 1 < symbols.Length ? i + 1 : -1);
            if (i + 1 < symbols.Length) Enqueue(queue, i, symbols[i], symbols[i + 1]);
        }
        while (queue.TryDequeue(out var pair, out _))
        {
            var (at, next) = (pair.At, after[pair.At]);
            if (symbols[at] != pair.Left || next < 0 || symbols[next] != pair.Right) continue;
            (symbols[at], symbols[next], after[at]) = (pair.Id, -1, after[next]);
            if (after[at] >= 0)
            {
                before[after[at]] = at;
                Enqueue(queue, at, pair.Id, symbols[after[at]]);
            }
            if (before[at] >= 0) Enqueue(queue, before[at], symbols[before[at]], pair.Id);
        }
        var count = 0;
        foreach (var symbol in symbols)
            if (symbol >= 0) symbols[count++] = symbol;
        ArrayPool<int>.Shared.Return(rented);
        return count;
    }

    private void Enqueue(PriorityQueue<(int, int, int, int), long> queue, int at, int left, int right)
    {
        var (rank, id) = Merged(left, right);
        if (rank < int.MaxValue) queue.Enqueue((at, left, right, id), (long)rank << 32 | (long)at);
    }

    private (int Rank, int Id) Merged(int left, int right) => _pairs.TryGetValue(Pair(left, right), out var merged) ? merged : (int.MaxValue, 0);

    // A hash of a long is its halves' exclusive or, which is the same for many pairs; an odd factor mixes them and keeps them apart.
    private static long Pair(int left, int right) => ((long)left << 32 | (uint)right) * unchecked((long)0x9E3779B97F4A7C15);
}
