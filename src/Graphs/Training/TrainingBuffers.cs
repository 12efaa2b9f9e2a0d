namespace LmmRec.Graphs;

/// <summary>
/// The tensors of a training, in the memory where its graphs run: parameters and moments in one set or in two that take turns, gradients and frozen
/// tables; and on the host the losses, which each run brings there. All are bound once and stay where they are.
/// </summary>
internal sealed class TrainingBuffers : IDisposable
{
    private readonly Dictionary<string, BoundTensor>[] _sets;
    private readonly Dictionary<string, BoundTensor> _frozen;
    private readonly Dictionary<string, BoundTensor> _leafGradients; // by leaf
    private readonly Dictionary<string, NativeTensor> _losses;
    private int _current;

    /// <param name="description">parameters and losses</param>
    /// <param name="frozen">the tables that never change; in the host's memory they are not copied</param>
    /// <param name="memory">where all but the losses lie</param>
    /// <param name="options">
    /// how the graphs run. Where the kernel of AdamStep updates in place there is one set: it reads an element before it writes it. Standard operators
    /// need two: one tensor must never be input and output of one graph.
    /// </param>
    public TrainingBuffers(TrainingDescription description, IReadOnlyDictionary<string, TensorData> frozen, TensorMemory memory, RuntimeOptions options)
    {
        List<ParameterInfo> trained = [.. description.Parameters.Where(p => p.Trainable)];
        _sets = [.. Enumerable.Range(0, options.RunsKernels ? 1 : 2).Select(_ => trained
            .SelectMany(p => OptimizerGraph.StateOf(p.Name), (p, name) => (name, tensor: memory.Allocate(p.Type, p.Shape)))
            .ToDictionary(t => t.name, t => t.tensor, StringComparer.Ordinal))];
        List<ParameterInfo> leaves = [.. description.Parameters.Where(p => description.Plan.Leaves.Contains(p.Name))];
        foreach (var (name, values) in leaves.Select(p => (p.Name, memory.Allocate(p.Type, p.Shape))))
            foreach (var set in _sets) set[name] = values; // no update makes a next one, so it is the same in all sets
        _leafGradients = leaves.ToDictionary(p => p.Name, p => memory.Allocate(p.Type, p.Shape), StringComparer.Ordinal);
        _frozen = frozen.ToDictionary(t => t.Key, t => memory.Hold(t.Value), StringComparer.Ordinal);
        _losses = description.Plan.Scalars().Distinct().ToDictionary(name => name, _ => memory.AllocateNumber(ElementType.Float32), StringComparer.Ordinal);
        Gradients = memory is HostMemory host ? new HostGradients(trained, host, options.Threads) : new DeviceGradients(trained, memory, options);
    }

    public Gradients Gradients { get; }

    /// <summary>Which of the layouts is the present one.</summary>
    public int Layout => _current;

    /// <summary>The present parameters and moments.</summary>
    public IReadOnlyDictionary<string, BoundTensor> State => _sets[_current];

    /// <summary>What each name is bound to, for each layout: inputs come from its set, what the optimizer updates goes to the next one.</summary>
    public Func<string, BoundTensor?>[] Layouts(string? loss = null) => [.. _sets.Select((set, current) =>
    {
        var next = _sets[(current + 1) % _sets.Length].ToDictionary(t => OptimizerGraph.Next(t.Key), t => t.Value, StringComparer.Ordinal);
        var gradients = new Dictionary<string, BoundTensor>(loss is null ? Gradients.Tensors : Gradients.NamedFor(loss), StringComparer.Ordinal);
        foreach (var (leaf, gradient) in _leafGradients) gradients[loss is null ? OptimizerGraph.GradientOf(leaf) : OptimizerGraph.GradientOf(leaf, loss)] = gradient;
        return (Func<string, BoundTensor?>)(name =>
            set.GetValueOrDefault(name) ?? _frozen.GetValueOrDefault(name) ?? next.GetValueOrDefault(name) ?? gradients.GetValueOrDefault(name) ?? _losses.GetValueOrDefault(name));
    })];

    /// <summary>A parameter, a moment or a gradient; null where there is none of this name.</summary>
    public BoundTensor? Find(string name) => State.GetValueOrDefault(name) ?? _frozen.GetValueOrDefault(name) ?? Gradients.Tensors.GetValueOrDefault(name);

    /// <summary>The gradient of a trained parameter or a leaf; null where it is neither.</summary>
    public BoundTensor? GradientOf(string parameter) => Gradients.Tensors.GetValueOrDefault(OptimizerGraph.GradientOf(parameter)) ?? _leafGradients.GetValueOrDefault(parameter);

    /// <summary>Gradients that a loss does not reach are zero, whatever another loss left in them.</summary>
    public void ClearUnreached(string loss, IReadOnlyList<string> outputs)
    {
        Gradients.ClearUnreached(loss, outputs);
        foreach (var (leaf, gradient) in _leafGradients)
            if (!outputs.Contains(OptimizerGraph.GradientOf(leaf)) && !outputs.Contains(OptimizerGraph.GradientOf(leaf, loss))) gradient.Clear();
    }

    /// <summary>A loss or a part of one, as the last run gave it.</summary>
    public float Loss(string name) => _losses[name].Floats[0];

    /// <summary>What the optimizer wrote becomes the present state.</summary>
    public void Turn() => _current = (_current + 1) % _sets.Length;

    /// <summary>Closes the graphs of the gradients; the tensors are the memory's.</summary>
    public void Dispose() => Gradients.Dispose();
}
