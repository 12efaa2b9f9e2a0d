namespace LmmRec.Graphs;

/// <summary>What is known of a value while the graph is written; <paramref name="Contents"/> where it is a small integer tensor of known elements.</summary>
internal sealed record TensorType(ElementType Type, Shape Shape, IReadOnlyList<Dim>? Contents = null);

/// <summary>
/// One value of a graph: an input, a parameter, a constant or a node's output. It holds no numbers; operators on it add nodes to its graph.
/// The operators themselves are extension methods, grouped in <c>Operators/</c>.
/// </summary>
public sealed class Tensor
{
    internal Tensor(Graph graph, string name, TensorType type, Node? producer = null)
    {
        Graph = graph;
        Name = name;
        Inferred = type;
        Producer = producer;
    }

    public Graph Graph { get; }

    /// <summary>The name in the ONNX file; a graph output takes the output's name.</summary>
    public string Name { get; internal set; }

    public ElementType Type => Inferred.Type;

    public Shape Shape => Inferred.Shape;

    public int Rank => Shape.Rank;

    internal TensorType Inferred { get; }

    /// <summary>The node that computes it; null for inputs, parameters and constants.</summary>
    internal Node? Producer { get; }

    /// <summary>The values of a constant.</summary>
    internal TensorData? Constant { get; init; }

    /// <summary>The rows that <paramref name="indices"/> name: <c>[n, d][i] → [i, d]</c>.</summary>
    public Tensor this[Tensor indices] => this.Gather(indices);

    public static Tensor operator +(Tensor a, Tensor b) => a.Graph.Add("Add", a, b);

    public static Tensor operator -(Tensor a, Tensor b) => a.Graph.Add("Sub", a, b);

    public static Tensor operator *(Tensor a, Tensor b) => a.Graph.Add("Mul", a, b);

    public static Tensor operator /(Tensor a, Tensor b) => a.Graph.Add("Div", a, b);

    public static Tensor operator -(Tensor a) => a.Graph.Add("Neg", a);

    public static Tensor operator +(Tensor a, double b) => a + a.Like(b);

    public static Tensor operator +(double a, Tensor b) => b.Like(a) + b;

    public static Tensor operator -(Tensor a, double b) => a - a.Like(b);

    public static Tensor operator -(double a, Tensor b) => b.Like(a) - b;

    public static Tensor operator *(Tensor a, double b) => a * a.Like(b);

    public static Tensor operator *(double a, Tensor b) => b.Like(a) * b;

    public static Tensor operator /(Tensor a, double b) => a / a.Like(b);

    public static Tensor operator /(double a, Tensor b) => b.Like(a) / b;

    /// <summary>
    /// Inside a block that is recomputed (<see cref="Graph.Recomputed"/>): the backward pass takes this value from the forward pass instead of
    /// computing it again, time for memory, and with it the other outputs of its node. The result of a layer saves most. Elsewhere it changes nothing.
    /// </summary>
    public Tensor Kept()
    {
        // A view of another value is that value, which would else be computed again for its shape.
        for (var value = this; value?.Producer is { Block: { } block } node; value = node.Operator.Name is "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" ? node[0] : null)
            block.Kept.UnionWith(node.Outputs);
        return this;
    }

    /// <summary>A scalar constant of this tensor's element type.</summary>
    internal Tensor Like(double value) => Graph.Scalar(value, Type);

    public override string ToString() => $"{Name}: {Type} {Shape}";
}
