using LmmRec.Artifacts;

namespace LmmRec.Graphs;

/// <summary>A parameter of a graph: the tensor, where its first values come from, and whether training changes it.</summary>
public sealed class Parameter
{
    private readonly Initializer? _initializer;
    private bool _released;

    internal Parameter(Tensor tensor, Initializer? initializer, TensorData? value, bool trainable)
    {
        Tensor = tensor;
        _initializer = initializer;
        Value = value;
        Trainable = trainable;
    }

    public Tensor Tensor { get; }

    public string Name => Tensor.Name;

    public bool Trainable { get; set; }

    /// <summary>What its rows belong to, in the words of whoever wrote the graph, such as users; null: to nobody.</summary>
    public string? Rows { get; init; }

    /// <summary>The values; null until they are given or drawn.</summary>
    public TensorData? Value { get; private set; }

    /// <summary>The values, which must be there.</summary>
    /// <exception cref="GraphException">They are not given or drawn yet.</exception>
    internal TensorData RequiredValue => Value ?? throw new GraphException($"parameter '{Name}' of graph '{Tensor.Graph.Name}' has no value; call Initialize or give it one");

    /// <summary>Gives the parameter its values, such as weights read from a file; type and shape must be the parameter's.</summary>
    public void Set(TensorData value)
    {
        if (value.Type != Tensor.Type || !Shape.Of(value.Shape).Equals(Tensor.Shape))
            throw new GraphException($"parameter '{Name}' is {Tensor.Type} {Tensor.Shape}; it cannot take {value.Type} [{string.Join(", ", value.Shape)}]");
        Value = value;
    }

    internal void ReleaseValue() => (Value, _released) = (null, true);

    /// <summary>The same parameter over the tensor of another graph.</summary>
    internal Parameter Like(Tensor tensor) => _released && Value is null ? throw Gone() : new Parameter(tensor, _initializer, Value, Trainable) { Rows = Rows };

    internal void Initialize(SeededRandom random)
    {
        if (Value is not null) return;
        if (_released) throw Gone();
        var data = TensorData.Zeros(Tensor.Type, Tensor.Shape.ToArray());
        _initializer!(data.As<float>(), data.Shape, random);
        Value = data;
    }

    private GraphException Gone() => new($"the values of parameter '{Name}' went to a training session; give it others, or write the graph again");
}
