using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>
/// The item graph of LATTICE (spec recommenders 8.2): (1 − λ) Ã + λ Σ w_m O^m, where Ã normalises Σ w_m S^m, S^m are the cosines of the nearest
/// neighbours by the features as they are learned, O^m those by the features as they came, and w weighs the modalities. Gradients flow through the
/// cosines and their sums, not through who is a neighbour. Nothing of items × items is ever held.
/// </summary>
internal sealed class LearnedItemGraph
{
    private readonly LatticeOptions _options;
    private readonly Tensor? _weights; // [M]
    private readonly IReadOnlyList<Tensor>? _weight; // [1] each
    private readonly IReadOnlyList<CsrMatrix> _frozen; // O^m, [I, I]
    private readonly IReadOnlyList<SparseMatrix> _frozenInGraph;
    private readonly Tensor _neighbours; // [I, M·k]
    private readonly Tensor _values; // of Ã, [I, M·k]

    public LearnedItemGraph(Graph g, Catalogue catalogue, LatticeOptions options)
    {
        _options = options;
        // Only what is needed later is captured below, not the catalogue and its features.
        var (modalities, nearest, items) = (catalogue.Modalities, catalogue.Neighbours, catalogue.Items);
        var k = Math.Min(options.Neighbours, items);
        _weights = modalities.Count == 1 ? null : g.Parameter("modality-weights", [modalities.Count], Initializers.Constant(0.5f)).Softmax(0);
        _weight = _weights?.Split(0, [.. modalities.Select(_ => 1L)]);
        _frozen = [.. modalities.Select(m => ItemGraph.Normalized(nearest(m.Features, k).Graph(binary: false)))];
        _frozenInGraph = [.. modalities.Select((m, n) => _frozen[n].In(g, $"{m.Name}/frozen"))];

        var projected = modalities.Select(m => new Content(g, m, options.Dimensions).All).ToList(); // [I, D] each
        var lists = modalities.Select(m => g.Input($"{m.Name}/neighbours", ElementType.Int64, [items, k])).ToList();
        var mixed = g.Concat(1, [.. modalities.Select((_, n) => Weighted(n, Cosines(projected[n], lists[n])))]); // [I, M·k]
        _neighbours = g.Concat(1, [.. lists]); // [I, M·k]
        var sums = mixed.ReduceSum([1]); // [I]
        var factors = sums.Max(1e-12).Pow(-0.5).Where(sums.Greater(0), 0); // [I]
        _values = mixed * factors.Unsqueeze(1) * factors[_neighbours]; // [I, M·k]

        AsConstant = SparseMatrix.Input(g, "item-graph", items, items);
        Host = [
            new HostInput(Refresh.Epoch | Refresh.Evaluation, lists, state => [.. state.Read.Select(features => Nearest(features, k, state))]) { Reads = projected },
            new HostInput(Refresh.Epoch, AsConstant.Inputs, state => Feed(Mixture(state.Read))) { Reads = _weights is null ? [_neighbours, _values] : [_neighbours, _values, _weights] },
        ];
    }

    /// <summary>The graph as it is at the beginning of an epoch, without a gradient, [I × I].</summary>
    public SparseMatrix AsConstant { get; }

    /// <summary>The neighbours by the present parameters, for each epoch and evaluation; and with them the constant graph, for each epoch.</summary>
    public IReadOnlyList<HostInput> Host { get; }

    /// <summary>The graph times a table, [I × D], with gradients to the features, their projections and the modalities' weights.</summary>
    public Tensor Times(Tensor x)
    {
        var learned = (_values.Unsqueeze(2) * x[_neighbours]).ReduceSum([1]); // [I, D]
        var frozen = _frozenInGraph.Select((o, n) => Weighted(n, o * x)).Aggregate((a, b) => a + b); // [I, D]
        return (1 - _options.FrozenShare) * learned + _options.FrozenShare * frozen;
    }

    private Tensor Weighted(int modality, Tensor x) => _weight is null ? x : _weight[modality] * x;

    // [I, D] and [I, k] → [I, k]
    private static Tensor Cosines(Tensor features, Tensor neighbours)
    {
        var directions = features.Normalize(); // [I, D]
        return (directions.Unsqueeze(1) * directions[neighbours]).ReduceSum([2]);
    }

    private static TensorData Nearest(TensorData features, int k, HostState state)
    {
        var found = Data.Neighbours.Of(features.As<float>(), (int)features.Shape[1], k, state.Threads, state.Cancellation);
        return TensorData.Of(Array.ConvertAll(found.Items, item => (long)item), features.Shape[0], k);
    }

    private static IReadOnlyList<TensorData> Feed(CsrMatrix matrix) => SparseMatrix.Feed(matrix.Pattern(), matrix.Values);

    private CsrMatrix Mixture(IReadOnlyList<TensorData> read)
    {
        var (items, width) = ((int)read[0].Shape[0], (int)read[0].Shape[1]);
        var weights = _weights is null ? [1f] : read[2].As<float>();
        var learned = new CsrMatrix(items, items, [.. Enumerable.Range(0, items + 1).Select(i => i * width)], Array.ConvertAll(read[0].As<long>(), item => (int)item), read[1].As<float>());
        var frozen = _frozen.Count == 1 ? _frozen[0] : CsrMatrix.Sum(weights[0], _frozen[0], weights[1], _frozen[1]);
        return CsrMatrix.Sum((float)(1 - _options.FrozenShare), learned, (float)_options.FrozenShare, frozen);
    }
}
