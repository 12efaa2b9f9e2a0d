namespace LmmRec.Graphs;

/// <summary>Element type and shape of a node's outputs, from its inputs and attributes; throws <see cref="Node.Wrong"/> where they do not fit.</summary>
internal delegate TensorType[] Inference(Node node);

/// <summary>
/// The gradients of a node's inputs, given those of its outputs (null where the loss does not depend on an output). Null for an input
/// that has none, such as indices. A rule may write gradients that nobody needs: dead nodes never reach a file.
/// </summary>
internal delegate Tensor?[] Gradient(Node node, IReadOnlyList<Tensor?> outputs);

/// <summary>An operator: a row of the table in <see cref="Operators"/>.</summary>
internal sealed class Operator
{
    /// <summary>An operator of one output. Without a gradient rule it may not lie on a path from a trained parameter to the loss.</summary>
    public Operator(string name, Func<Node, TensorType> infer, Func<Node, Tensor, Tensor?[]>? gradient = null)
        : this(name, node => [infer(node)], gradient is null ? null : (node, dy) => gradient(node, dy[0]!))
    {
    }

    /// <summary>An operator of several outputs.</summary>
    public Operator(string name, Inference infer, Gradient? gradient)
    {
        Name = name;
        Infer = infer;
        Gradient = gradient;
    }

    public string Name { get; }

    public Inference Infer { get; }

    public Gradient? Gradient { get; }

    /// <summary>Empty for ONNX's own operators.</summary>
    public string Domain { get; init; } = "";

    /// <summary>The loss is constant in the inputs almost everywhere (comparisons, shapes, arg max): gradients end here without an error.</summary>
    public bool EndsGradient { get; init; }

    /// <summary>
    /// How many outputs after the first may be left out of a file, as they are where nothing reads them. Of other operators all are named: ONNX
    /// Runtime crashes else.
    /// </summary>
    public int OptionalOutputs { get; init; }

    /// <summary>For an operator of the library's own: the same thing written in standard operators.</summary>
    public Func<Graph>? Lowering { get; init; }
}

/// <summary>The table of all operators. To add one: an entry in the file of its kind, and beside it the method that users call.</summary>
internal static class Operators
{
    public static readonly IReadOnlyDictionary<string, Operator> Table = new[]
    {
        Elementwise.Table, Comparison.Table, Reductions.Table, ShapeOperators.Table, LinearAlgebra.Table, Neural.Table, Quantization.Table, Convolution.Table, Indexing.Table, Slicing.Table, SparseOperators.Table, RowLogSumExp.Table, Own.Table, Fused.Table, OwnProducts.Table,
    }.SelectMany(table => table).ToDictionary(op => op.Name, StringComparer.Ordinal);
}
