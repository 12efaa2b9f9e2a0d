using LmmRec.Dense;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>
/// The item graph of LATTICE (docs/recommenders.md#lattice): (1 − λ) Ã + λ Σ w_m O^m, where Ã normalises Σ w_m S^m, S^m are the cosines of the
/// nearest neighbours by the features as they are learned, O^m those by the features as they came, and w weighs the modalities. Gradients flow
/// through the cosines and their sums, not through who is a neighbour. Nothing of items × items is ever held.
/// </summary>
internal sealed class LearnedItemGraph
{
    private readonly LatticeOptions _options;
    private readonly Tensor? _weights; // [M]
    private readonly IReadOnlyList<Tensor>? _weight; // [1] each
    private readonly CsrMatrix[] _frozen; // O^m, [I, I]; of features that an encoder makes, those of its last refresh
    private readonly IReadOnlyList<SparseMatrix> _frozenInGraph;
    private readonly Tensor _neighbours; // [I, M·k]
    private readonly SparseMatrix _learned; // Ã, [I, I]; a row's entries are its neighbours in the first modality, then in the second

    public LearnedItemGraph(Graph g, Catalogue catalogue, LatticeOptions options)
    {
        _options = options;
        var (modalities, items) = (catalogue.Modalities, catalogue.Items);
        var k = Math.Min(options.Neighbours, items);
        _weights = modalities.Count == 1 ? null : g.Parameter("modality-weights", [modalities.Count], Initializers.Constant(0.5f)).Softmax(0);
        _weight = _weights?.Split(0, [.. modalities.Select(_ => 1L)]);
        _frozen = [.. modalities.Select(m => Normalized(catalogue.Neighbours(m.Features, k)))];
        _frozenInGraph = [.. modalities.Select((m, n) => catalogue.EndToEnd ? SparseMatrix.Input(g, $"{m.Name}/frozen", items, items) : _frozen[n].In(g, $"{m.Name}/frozen"))];

        var content = modalities.Select(m => new Content(g, m, options.Dimensions)).ToList();
        var projected = content.Select(c => c.All).ToList(); // [I, D] each
        var nearestNow = modalities.Select(m => SparseMatrix.Input(g, $"{m.Name}/neighbours", items, items, items * k)).ToList(); // [I, I]
        Tensor Cosines(int m)
        {
            var directions = projected[m].Normalize(); // [I, D]
            return nearestNow[m].Products(directions, directions).Reshape([items, k]); // [I, k]
        }
        var mixed = g.Concat(1, [.. modalities.Select((_, m) => Weighted(m, Cosines(m)))]); // [I, M·k]
        _neighbours = g.Input("neighbours", ElementType.Int64, [items, modalities.Count * k]); // [I, M·k]
        var sums = mixed.ReduceSum([1]); // [I]
        var factors = sums.Max(1e-12).Pow(-0.5).Where(sums.Greater(0), 0); // [I]
        var values = mixed * factors.Unsqueeze(1) * factors[_neighbours]; // [I, M·k]
        _learned = SparseMatrix.Input(g, "learned", items, items, items * modalities.Count * k).With(values.Reshape([items * modalities.Count * k]));

        AsConstant = SparseMatrix.Input(g, "item-graph", items, items);
        Host = [
            .. content.Index().Where(_ => catalogue.EndToEnd).Select(c => new HostInput(
                Refresh.Epoch | Refresh.Evaluation, _frozenInGraph[c.Index].Inputs, state => Feed(_frozen[c.Index] = Normalized(Nearest(state, state.Read[0], k)))) { Reads = [c.Item.Features] }),
            new HostInput(
                Refresh.Rebuild | Refresh.Evaluation, [_neighbours, .. nearestNow.SelectMany(n => n.PatternInputs), .. _learned.PatternInputs], state => Neighbourhoods(state, k)) { Reads = projected },
            new HostInput(Refresh.Rebuild, AsConstant.Inputs, state => Feed(Mixture(state.Read))) { Reads = _weights is null ? [_neighbours, values] : [_neighbours, values, _weights] },
        ];
    }

    /// <summary>The graph as it was when it was last built, without a gradient, [I × I].</summary>
    public SparseMatrix AsConstant { get; }

    /// <summary>
    /// The neighbours by the present parameters, for each batch on the main loss and each evaluation, and with them the constant graph; before them O^m,
    /// where an encoder makes the features.
    /// </summary>
    public IReadOnlyList<HostInput> Host { get; }

    /// <summary>The graph times a table, [I × D], with gradients to the features, their projections and the modalities' weights.</summary>
    public Tensor Times(Tensor x)
    {
        var learned = _learned * x; // [I, D]
        var frozen = _frozenInGraph.Select((o, n) => Weighted(n, o * x)).Aggregate((a, b) => a + b); // [I, D]
        return (1 - _options.FrozenShare) * learned + _options.FrozenShare * frozen;
    }

    private Tensor Weighted(int modality, Tensor x) => _weight is null ? x : _weight[modality] * x;

    // The neighbours in all modalities side by side, [I, M·k], and as patterns: of each modality, and of all together.
    private static IReadOnlyList<TensorData> Neighbourhoods(HostState state, int k)
    {
        var items = (int)state.Read[0].Shape[0];
        var found = state.Read.Select(features => Nearest(state, features, k).Items).ToList();
        var together = new int[items * found.Count * k];
        for (var e = 0; e < together.Length; e++) together[e] = found[e / k % found.Count][e / (found.Count * k) * k + e % k];
        return [TensorData.Of(Array.ConvertAll(together, item => (long)item), items, found.Count * k), .. found.Append(together).SelectMany(list => SparseMatrix.FeedPattern(Rows(list)))];

        SparsePattern Rows(int[] columns)
        {
            var rows = new int[columns.Length];
            for (var e = 0; e < rows.Length; e++) rows[e] = e / (columns.Length / items);
            return SparsePattern.FromCoordinates(items, items, rows, columns);
        }
    }

    private static Neighbours Nearest(HostState state, TensorData features, int k) =>
        Dense.Neighbours.Of(features.As<float>(), (int)features.Shape[1], k, state.Threads, state.Cancellation);

    private static CsrMatrix Normalized(Neighbours neighbours) => ItemGraph.Normalized(neighbours.Graph(binary: false));

    private static IReadOnlyList<TensorData> Feed(CsrMatrix matrix) => SparseMatrix.Feed(matrix.Pattern(), matrix.Values);

    private CsrMatrix Mixture(IReadOnlyList<TensorData> read)
    {
        var (items, width) = ((int)read[0].Shape[0], (int)read[0].Shape[1]);
        var weights = _weights is null ? [1f] : read[2].As<float>();
        var learned = new CsrMatrix(items, items, [.. Enumerable.Range(0, items + 1).Select(i => i * width)], Array.ConvertAll(read[0].As<long>(), item => (int)item), read[1].As<float>());
        var frozen = _frozen.Length == 1 ? _frozen[0] : CsrMatrix.Sum(weights[0], _frozen[0], weights[1], _frozen[1]);
        return CsrMatrix.Sum((float)(1 - _options.FrozenShare), learned, (float)_options.FrozenShare, frozen);
    }
}
