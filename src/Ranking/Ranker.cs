using System.Collections.Concurrent;
using LmmRec.Dense;
using LmmRec.Ranking.Internals;

namespace LmmRec.Ranking;

/// <summary>Receives the ranking of one user. Called from several threads, in no fixed order.</summary>
/// <param name="position">position of the user in the list that was asked for</param>
/// <param name="items">the first K items, best first, or all that are not masked where these are fewer; valid during the call</param>
/// <param name="scores">their scores; valid during the call</param>
public delegate void RankingReceiver(int position, ReadOnlySpan<int> items, ReadOnlySpan<float> scores);

/// <summary>
/// Ranks all items for users by the dot product of their vectors (docs/evaluation.md#all-rank-protocol). Plain C#, blocked so that scores never
/// leave the cache: memory is that of the item vectors and, per thread, some hundred kilobytes. The result does not depend on the number of threads.
/// </summary>
public sealed class Ranker : IDisposable
{
    private const int BlockUsers = 8 * ProductTile.Rows;
    private const int ChunkGroups = 16;

    private readonly PackedVectors _packed;
    private readonly float _largest;

    /// <param name="items">the vectors of all items</param>
    /// <exception cref="InvalidVectorException">A value is NaN or infinite.</exception>
    public Ranker(Vectors items)
    {
        _largest = items.LargestValue(VectorOwner.Item);
        (Items, Dimension) = (items.Count, items.Dimension);
        _packed = new PackedVectors(Items, ProductTile.Columns, Dimension);
        for (var item = 0; item < Items; item++) _packed.Set(item, items[item]);
        _packed.ClearRestOfGroup(Items);
    }

    /// <summary>Number of items.</summary>
    public int Items { get; }

    /// <summary>Length of the vectors.</summary>
    public int Dimension { get; }

    public void Dispose() => _packed.Dispose();

    /// <summary>Ranks the items for each of <paramref name="who"/>; ties rank by item index.</summary>
    /// <param name="users">the vectors of all users</param>
    /// <param name="who">indices of the users to rank for</param>
    /// <param name="masked">items that are not ranked, per user: the training items</param>
    /// <param name="k">items of a ranking, 1 to <see cref="Items"/></param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="receiver">gets each ranking</param>
    /// <param name="cancellation">stops between blocks of users</param>
    /// <exception cref="InvalidVectorException">A value is NaN or infinite, or so large that a score would be.</exception>
    public void Rank(
        Vectors users, IReadOnlyList<int> who, ItemSets masked, int k, int threads, RankingReceiver receiver, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(users.Dimension, Dimension);
        ArgumentOutOfRangeException.ThrowIfNotEqual(masked.Users, users.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, Items);
        CheckScoresAreFinite(users);

        var blocks = (who.Count + BlockUsers - 1) / BlockUsers;
        // One block at a time: a range of them, as Parallel.For hands out, leaves the other threads idle at the end.
        Parallel.ForEach(
            Partitioner.Create(Enumerable.Range(0, blocks), EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => new Scratch(Dimension, k),
            (block, _, scratch) =>
            {
                RankBlock(users, who, block * BlockUsers, masked, scratch, receiver);
                return scratch;
            },
            scratch => scratch.Dispose());
    }

    private unsafe void RankBlock(Vectors users, IReadOnlyList<int> who, int first, ItemSets masked, Scratch scratch, RankingReceiver receiver)
    {
        var count = Math.Min(BlockUsers, who.Count - first);
        for (var u = 0; u < count; u++)
        {
            scratch.Users.Set(u, users[who[first + u]]);
            scratch.Top[u].Clear();
        }
        scratch.Users.ClearRestOfGroup(count);
        var tiles = (count + ProductTile.Rows - 1) / ProductTile.Rows;

        const int Stride = ChunkGroups * ProductTile.Columns;
        fixed (float* scores = scratch.Scores) // [BlockUsers, Stride]
        {
            for (var chunk = 0; chunk < _packed.Groups; chunk += ChunkGroups)
            {
                // A group of items stays in the first-level cache while all users of the block meet it.
                for (var group = chunk; group < Math.Min(chunk + ChunkGroups, _packed.Groups); group++)
                    for (var tile = 0; tile < tiles; tile++)
                        ProductTile.Compute(scratch.Users.Group(tile), _packed.Group(group), Dimension, null, 0,
                            scores + tile * ProductTile.Rows * Stride + (group - chunk) * ProductTile.Columns, Stride);

                var item = chunk * ProductTile.Columns;
                for (var u = 0; u < count; u++)
                {
                    var row = new Span<float>(scores + u * Stride, Math.Min(Stride, Items - item));
                    Mask(row, item, masked[who[first + u]]);
                    scratch.Top[u].Add(row, item);
                }
            }
        }
        for (var u = 0; u < count; u++)
        {
            var ranked = scratch.Top[u].CopyTo(scratch.Ranked, scratch.RankedScores);
            receiver(first + u, scratch.Ranked.AsSpan(0, ranked), scratch.RankedScores.AsSpan(0, ranked));
        }
    }

    // No finite score is as low, and none that is not above it is kept.
    internal static void Mask(Span<float> scores, int first, ReadOnlySpan<int> masked)
    {
        var at = masked.BinarySearch(first);
        for (at = at < 0 ? ~at : at; at < masked.Length && masked[at] - first < scores.Length; at++) scores[masked[at] - first] = float.NegativeInfinity;
    }

    // No partial sum is larger than dimension × largest user value × largest item value, so this spares a check of every score.
    private void CheckScoresAreFinite(Vectors users)
    {
        var largest = users.LargestValue(VectorOwner.User);
        if (float.IsFinite(largest * _largest * Dimension)) return;
        for (var user = 0; user < users.Count; user++)
            foreach (var value in users[user])
                if (MathF.Abs(value) == largest)
                    throw new InvalidVectorException(
                        VectorOwner.User, user, $"holds {value}, which overflows with an item's {_largest} over {Dimension} dimensions");
    }

    /// <summary>What one thread works with.</summary>
    private sealed class Scratch(int dimension, int k) : IDisposable
    {
        public PackedVectors Users { get; } = new(BlockUsers, ProductTile.Rows, dimension);

        public float[] Scores { get; } = GC.AllocateArray<float>(BlockUsers * ChunkGroups * ProductTile.Columns, pinned: true);

        public TopItems[] Top { get; } = [.. Enumerable.Range(0, BlockUsers).Select(_ => new TopItems(k))];

        public int[] Ranked { get; } = new int[k];

        public float[] RankedScores { get; } = new float[k];

        public void Dispose() => Users.Dispose();
    }
}
