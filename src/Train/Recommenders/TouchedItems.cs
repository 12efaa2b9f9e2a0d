using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>
/// The items of a batch, each once, for work that need not be done for other items, or twice for an item that comes twice: of 4,096 positives and
/// negatives a quarter and more are the same.
/// </summary>
public sealed class TouchedItems
{
    /// <summary>The name of their number in shapes.</summary>
    internal const string Count = "touched";

    private readonly Tensor _items, _positives, _negatives;

    public TouchedItems(Graph g)
    {
        _items = g.Input("touched/items", ElementType.Int64, [Count]); // [n], ascending
        _positives = g.Input("touched/positives", ElementType.Int64, ["batch"]); // [B], places in it
        _negatives = g.Input("touched/negatives", ElementType.Int64, ["batch"]); // [B]
        Host = new HostInput(Refresh.Batch, [_items, _positives, _negatives], state => Find(state.Batch));
    }

    /// <summary>What the host makes for it.</summary>
    public HostInput Host { get; }

    /// <summary>Rows of a table of all items: [I, D] → [n, D].</summary>
    public Tensor Of(Tensor table) => table[_items];

    /// <summary>Of rows that <see cref="Of"/> gave or that were computed from them, those of the positives and of the negatives: [n, D] → [B, D] each.</summary>
    public (Tensor Positives, Tensor Negatives) Split(Tensor rows) => (rows[_positives], rows[_negatives]);

    private static IReadOnlyList<TensorData> Find(Triples batch)
    {
        long[] items = [.. batch.Positives.Concat(batch.Negatives).Distinct().Order()];
        return [TensorData.Of(items), Places(batch.Positives), Places(batch.Negatives)];

        TensorData Places(long[] of) => TensorData.Of(Array.ConvertAll(of, item => (long)Array.BinarySearch(items, item)));
    }
}
