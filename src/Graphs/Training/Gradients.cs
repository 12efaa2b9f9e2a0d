namespace LmmRec.Graphs;

/// <summary>
/// The gradients of a training, one tensor per trained parameter, to which its graphs write, and their weighted sums over micro-batches. What is
/// computed of them is computed where they lie.
/// </summary>
internal abstract class Gradients : IDisposable
{
    private readonly Dictionary<string, string> _parameters; // by the gradient's name
    private readonly HashSet<string> _zero = new(StringComparer.Ordinal); // gradients that hold zeros

    protected Gradients(IEnumerable<ParameterInfo> trained, TensorMemory memory)
    {
        var parameters = trained.ToList();
        _parameters = parameters.ToDictionary(p => OptimizerGraph.GradientOf(p.Name), p => p.Name, StringComparer.Ordinal);
        Tensors = parameters.ToDictionary(p => OptimizerGraph.GradientOf(p.Name), p => memory.Allocate(p.Type, p.Shape), StringComparer.Ordinal);
    }

    /// <summary>By the name that the training graph of the plan's first loss and the optimizer have for them.</summary>
    public IReadOnlyDictionary<string, BoundTensor> Tensors { get; }

    /// <summary>What the graphs that compute with them are bound to; the host needs none.</summary>
    public virtual IEnumerable<Binding> Bindings => [];

    /// <summary>Their names in the training graph of a further loss.</summary>
    public Dictionary<string, BoundTensor> NamedFor(string loss) =>
        Tensors.ToDictionary(t => OptimizerGraph.GradientOf(_parameters[t.Key], loss), t => t.Value, StringComparer.Ordinal);

    /// <summary>Those that a loss does not reach are zero, whatever another loss left in them.</summary>
    public void ClearUnreached(string loss, IReadOnlyList<string> outputs)
    {
        foreach (var (name, tensor) in Tensors)
        {
            if (outputs.Contains(name) || outputs.Contains(OptimizerGraph.GradientOf(_parameters[name], loss))) _zero.Remove(name);
            else if (_zero.Add(name)) tensor.Clear();
        }
    }

    /// <summary>Adds <paramref name="weight"/> times the present gradients to the sums, before those of the next micro-batch take their place.</summary>
    public abstract void AddToSums(double weight);

    /// <summary>Puts the sums, with <paramref name="weight"/> times the present gradients, in the place of the gradients; gives whether that changed them.</summary>
    public abstract bool TakeSums(double weight);

    /// <summary>Forgets the sums.</summary>
    public abstract void DropSums();

    /// <summary>The first gradient with an element that is not finite, if there is one, and else the norm of all gradients together.</summary>
    public abstract (double Norm, string? NotFinite) Norm();

    /// <summary>Multiplies all gradients with <paramref name="factor"/>.</summary>
    public abstract void Scale(double factor);

    /// <summary>Closes the graphs; the tensors are the memory's.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Whether a gradient holds zeros because no loss reached it.</summary>
    protected bool IsZero(string name) => _zero.Contains(name);

    /// <summary>After sums were put in the place of the gradients, any of them may be other than zero.</summary>
    protected void ForgetZeros() => _zero.Clear();
}
