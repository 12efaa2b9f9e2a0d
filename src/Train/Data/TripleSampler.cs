using LmmRec.Artifacts;

namespace LmmRec.Train.Data;

/// <summary>One batch of training triples: user, an item of the user's, and one that is not. Each array is [B].</summary>
public readonly record struct Triples(long[] Users, long[] Positives, long[] Negatives);

/// <summary>
/// Draws the batches of an epoch (docs/recommenders.md#training): all training pairs in a uniform permutation, cut into consecutive batches, the
/// last one shorter; for each pair one negative, uniform over the items that occur in training, drawn again while it is in the user's training
/// history.
/// </summary>
public sealed class TripleSampler(Dataset data, int batchSize, SeededRandom random)
{
    private readonly int[] _order = new int[data.Positives.Length];

    /// <summary>The generator; its state between two epochs is all that the epochs to come depend on.</summary>
    public SeededRandom Random { get; set; } = random;

    /// <summary>Batches of one epoch.</summary>
    public int BatchesPerEpoch => (int)BatchesOf(data, batchSize);

    /// <summary>Batches of an epoch over <paramref name="data"/>.</summary>
    public static long BatchesOf(Dataset data, int batchSize) => (data.Positives.Length + batchSize - 1L) / batchSize;

    /// <summary>The batches of the next epoch; each is drawn when it is asked for.</summary>
    public IEnumerable<Triples> Epoch()
    {
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        Random.Shuffle<int>(_order);
        foreach (var batch in _order.Chunk(batchSize))
        {
            var triples = new Triples(new long[batch.Length], new long[batch.Length], new long[batch.Length]);
            for (var b = 0; b < batch.Length; b++)
            {
                var (user, item) = data.Positives[batch[b]];
                triples.Users[b] = user;
                triples.Positives[b] = item;
                triples.Negatives[b] = Negative(user);
            }
            yield return triples;
        }
    }

    private int Negative(int user)
    {
        while (true)
        {
            var item = data.Candidates[Random.NextInt32(data.Candidates.Length)];
            if (data.TrainItems[user].BinarySearch(item) < 0) return item;
        }
    }
}
