namespace LmmRec.Graphs;

/// <summary>
/// Weighted sums of gradients in a device's memory, by graphs. No tensor is input and output of one graph, so they lie in two sets of tensors that take
/// turns. A set is allocated when it is needed: none by a step on one batch, one to scale the gradients, two to add those of several batches.
/// </summary>
internal sealed class GradientSums : IDisposable
{
    private const string Weight = "weight", Sum = ".sum", Result = ".result";

    private readonly Lazy<(Dictionary<string, BoundTensor> Tensors, BoundGraph Scaling)>[] _sets; // each with a graph from the gradients to it and back
    private readonly Lazy<BoundGraph> _adding; // from one set to the other
    private int _current;

    public GradientSums(IReadOnlyDictionary<string, BoundTensor> gradients, TensorMemory memory, RuntimeOptions options)
    {
        _sets = [.. Enumerable.Range(0, 2).Select(_ => new Lazy<(Dictionary<string, BoundTensor>, BoundGraph)>(() =>
        {
            var tensors = gradients.ToDictionary(g => g.Key, g => memory.Allocate(g.Value.Type, g.Value.Shape), StringComparer.Ordinal);
            return (tensors, new BoundGraph(Graph("scaled_gradients", gradients, add: false), options, memory, Layout(gradients, tensors), Layout(tensors, gradients)));
        }))];
        _adding = new Lazy<BoundGraph>(() =>
        {
            var (one, other) = (_sets[0].Value.Tensors, _sets[1].Value.Tensors);
            return new BoundGraph(Graph("summed_gradients", gradients, add: true), options, memory, Layout(gradients, other, one), Layout(gradients, one, other));
        });
    }

    public IEnumerable<Binding> Bindings => Graphs.SelectMany(graph => graph.Bindings);

    private IEnumerable<BoundGraph> Graphs => [.. _sets.Where(set => set.IsValueCreated).Select(set => set.Value.Scaling), .. _adding.IsValueCreated ? [_adding.Value] : (BoundGraph[])[]];

    /// <summary>The sums become <paramref name="weight"/> times the gradients.</summary>
    public void Begin(double weight)
    {
        _sets[0].Value.Scaling.Run(0, Weighing(weight));
        _current = 0;
    }

    /// <summary>Adds <paramref name="weight"/> times the gradients.</summary>
    public void Add(double weight)
    {
        _adding.Value.Run(_current, Weighing(weight));
        _current = 1 - _current;
    }

    /// <summary>The gradients become the sums.</summary>
    public void Take() => _sets[_current].Value.Scaling.Run(1, Weighing(1));

    public void Dispose()
    {
        foreach (var graph in Graphs) graph.Dispose();
    }

    private static Graph Graph(string name, IReadOnlyDictionary<string, BoundTensor> gradients, bool add)
    {
        var g = new Graph(name);
        var weight = g.Input(Weight, ElementType.Float32, []);
        foreach (var (gradient, tensor) in gradients)
        {
            var shape = Shape.Of(tensor.Shape);
            var weighed = g.Input(gradient, tensor.Type, shape) * weight;
            g.Output(gradient + Result, add ? g.Input(gradient + Sum, tensor.Type, shape) + weighed : weighed);
        }
        return g;
    }

    private static Func<string, BoundTensor?> Layout(IReadOnlyDictionary<string, BoundTensor> from, IReadOnlyDictionary<string, BoundTensor> to, IReadOnlyDictionary<string, BoundTensor>? sums = null)
    {
        var tensors = new Dictionary<string, BoundTensor>(from, StringComparer.Ordinal);
        foreach (var (name, tensor) in to) tensors[name + Result] = tensor;
        foreach (var (name, tensor) in sums ?? to) tensors[name + Sum] = tensor;
        return tensors.GetValueOrDefault;
    }

    private static Batch Weighing(double weight) => new() { [Weight] = TensorData.Scalar((float)weight) };
}
