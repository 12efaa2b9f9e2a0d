namespace LmmRec.Graphs;

/// <summary>Weighted sums of gradients in a device's memory, by graphs. Allocated when a first one is needed: a step on one batch needs none.</summary>
internal sealed class GradientSums : IDisposable
{
    private const string Weight = "weight", Sum = ".sum", Result = ".result";

    private readonly Dictionary<string, BoundTensor>[] _sets; // no tensor is input and output of one graph: the two take turns
    private readonly BoundGraph _scaling; // from the gradients to the first set, and from either set back
    private readonly BoundGraph _adding; // from one set to the other
    private int _current;

    public GradientSums(IReadOnlyDictionary<string, BoundTensor> gradients, TensorMemory memory, RuntimeOptions options)
    {
        _sets = [.. Enumerable.Range(0, 2).Select(_ => gradients.ToDictionary(g => g.Key, g => memory.Allocate(g.Value.Type, g.Value.Shape), StringComparer.Ordinal))];
        _scaling = new BoundGraph(Graph("scaled_gradients", gradients, add: false), options, memory, Layout(gradients, _sets[0]), Layout(_sets[0], gradients), Layout(_sets[1], gradients));
        _adding = new BoundGraph(Graph("summed_gradients", gradients, add: true), options, memory, Layout(gradients, _sets[1], _sets[0]), Layout(gradients, _sets[0], _sets[1]));
    }

    public IEnumerable<Binding> Bindings => [.. _scaling.Bindings, .. _adding.Bindings];

    /// <summary>The sums become <paramref name="weight"/> times the gradients.</summary>
    public void Begin(double weight)
    {
        _scaling.Run(0, Weighing(weight));
        _current = 0;
    }

    /// <summary>Adds <paramref name="weight"/> times the gradients.</summary>
    public void Add(double weight)
    {
        _adding.Run(_current, Weighing(weight));
        _current = 1 - _current;
    }

    /// <summary>The gradients become the sums.</summary>
    public void Take() => _scaling.Run(1 + _current, Weighing(1));

    public void Dispose()
    {
        _scaling.Dispose();
        _adding.Dispose();
        foreach (var tensor in _sets.SelectMany(s => s.Values)) tensor.Dispose();
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
