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
    /// <summary>Pairs of a batch but the last.</summary>
    public int BatchSize { get; } = batchSize >= 2 ? batchSize : throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "a batch has at least 2 pairs");

    /// <summary>The generator.</summary>
    public SeededRandom Random { get; set; } = random;

    /// <summary>The most batches that an epoch has; fewer where many pairs are left out.</summary>
    public int BatchesPerEpoch => (chosen.Count + BatchSize - 1) / BatchSize;

    /// <summary>The batches of the next epoch, as indices of pairs.</summary>
    public IEnumerable<int[]> Epoch()
    {
        int[] order = [.. chosen];
        Random.Shuffle<int>(order);
        return Batches(order);
    }

    private IEnumerable<int[]> Batches(int[] order)
    {
        var batch = new DistinctBatch(pairs, BatchSize);
        LinkedList<int> waiting = [];
        var next = 0;
        do
        {
            batch.Clear();
            for (var (node, following) = (waiting.First, waiting.First?.Next); node is not null && !batch.IsFull; (node, following) = (following, following?.Next))
                if (batch.TryAdd(node.Value)) waiting.Remove(node);
            while (!batch.IsFull && next < order.Length)
            {
                if (!batch.TryAdd(order[next])) waiting.AddLast(order[next]);
                next++;
            }
            if (batch.Count >= 2) yield return batch.ToArray();
        }
        while (batch.IsFull);
    }
}
