namespace LmmRec.Graphs;

/// <summary>One application of an operator. Optional inputs that are left out are null.</summary>
internal sealed class Node(Operator op, string name, IReadOnlyList<Tensor?> inputs, Attributes attributes, int outputCount)
{
    public Operator Operator => op;

    /// <summary>The name with its scope, such as <c>encoder/layer_0/MatMul</c>.</summary>
    public string Name => name;

    public IReadOnlyList<Tensor?> Inputs => inputs;

    public Attributes Attributes => attributes;

    public int OutputCount => outputCount;

    public IReadOnlyList<Tensor> Outputs { get; internal set; } = [];

    /// <summary>The block that is recomputed in the backward pass, if it lies in one.</summary>
    public Block? Block { get; init; }

    /// <summary>The input <paramref name="index"/>, which must be there.</summary>
    public Tensor this[int index] => index < inputs.Count && inputs[index] is { } input
        ? input
        : throw Wrong($"needs an input number {index}; it has {inputs.Count}");

    /// <summary>The input <paramref name="index"/>, or null where it is left out.</summary>
    public Tensor? Optional(int index) => index < inputs.Count ? inputs[index] : null;

    /// <summary>The first output.</summary>
    public Tensor Y => Outputs[0];

    /// <summary>The elements of an integer input that are known while the graph is written.</summary>
    public IReadOnlyList<Dim> Contents(int index) => this[index].Inferred.Contents
        ?? throw Wrong($"needs the elements of its input '{this[index].Name}' while the graph is written, and they are computed at run time");

    /// <summary>The known elements of an integer input, as numbers; null where the input is left out.</summary>
    public long[]? Numbers(int index) => Optional(index) is null ? null : [.. Contents(index).Select(d => d.Value)];

    /// <summary>An axis of <paramref name="rank"/> axes, counted from the front.</summary>
    public int FromFront(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Wrong($"has axis {axis}, and its input {this[0].Shape} has the axes {-rank} to {rank - 1}");

    /// <summary>The attribute <c>axis</c>, an axis of the first input.</summary>
    public int Axis(long otherwise) => FromFront(Attributes.Int("axis", otherwise), this[0].Rank);

    /// <summary>The axes that input <paramref name="index"/> lists, counted from the front; all of the first input's where it is left out.</summary>
    public int[] Axes(int index, int rank) => Numbers(index) is { } axes
        ? [.. axes.Select(a => FromFront(a, rank)).Order()]
        : [.. Enumerable.Range(0, rank)];

    /// <summary>An error that names the operator, the node and its input shapes.</summary>
    public GraphException Wrong(string what)
    {
        var shapes = string.Join(" and ", inputs.Where(i => i is not null).Select(i => $"{i!.Shape}"));
        return new GraphException($"{op.Name} '{name}' of {shapes}: {what}");
    }
}
