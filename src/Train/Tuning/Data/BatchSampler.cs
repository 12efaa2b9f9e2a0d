using LmmRec.Artifacts;

namespace LmmRec.Train.Tuning.Data;

/// <summary>
/// Draws the batches of an epoch (docs/encoders.md#fine-tuning-data): pairs in a uniform permutation, no two with the same picture or the same text in
/// one batch. A pair that does not fit waits for the next batch. Only the last batch may be smaller; pairs that do not fit into it, and one that would
/// be alone, are left out of the epoch.
/// </summary>
/// <param name="pairs">all pairs</param>
/// <param name="chosen">indices of those that are drawn</param>
/// <param name="batchSize">pairs of a batch, at least 2</param>
/// <param name="random">its state between two epochs is all that the epochs to come depend on</param>
internal sealed class BatchSampler(IReadOnlyList<Pair> pairs, IReadOnlyList<int> chosen, int batchSize, SeededRandom random)
{
    private readonly int _batchSize = batchSize >= 2 ? batchSize : throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "a batch has at least 2 pairs");

    /// <summary>The generator.</summary>
    public SeededRandom Random => random;

    /// <summary>The batches of the next epoch, as indices of pairs.</summary>
    /// <param name="hard">with these a pair brings others along that are easily taken for it; null: none</param>
    public IEnumerable<int[]> Epoch(HardNegatives? hard = null)
    {
        int[] order = [.. chosen];
        random.Shuffle<int>(order);
        return Batches(order, hard);
    }

    private IEnumerable<int[]> Batches(int[] order, HardNegatives? hard)
    {
        var batch = new DistinctBatch(pairs, _batchSize);
        var taken = new HashSet<int>();
        var waiting = new LinkedList<int>();
        var next = 0;
        do
        {
            batch.Clear();
            for (var (node, following) = (waiting.First, waiting.First?.Next); node is not null && !batch.IsFull; (node, following) = (following, following?.Next))
                if (HasPlace(node.Value)) waiting.Remove(node);
            for (; !batch.IsFull && next < order.Length; next++)
                if (!HasPlace(order[next])) waiting.AddLast(order[next]);
            if (batch.Members.Count >= 2) yield return [.. batch.Members];
        }
        while (batch.IsFull);

        // Whether it lies in this batch or in one before.
        bool HasPlace(int pair)
        {
            if (taken.Contains(pair)) return true;
            if (!batch.TryAdd(pair)) return false;
            taken.Add(pair);
            foreach (var other in hard?.Of(pair) ?? [])
                if (!taken.Contains(other) && !batch.Members.Any(member => hard!.AreNear(member, other)) && batch.TryAdd(other)) taken.Add(other);
            return true;
        }
    }
}
