namespace LmmRec.Graphs;

/// <summary>
/// A product of large matrices: how both are transposed, and which of them, if one, is what <see cref="Elementwise.QuickGelu"/> gives for an input [… , d], made
/// while it is read and never kept.
/// </summary>
internal sealed record LargeProduct(bool TransA, bool TransB, int? Activated = null)
{
    /// <summary>GemmNT has B transposed, as BLAS writes it.</summary>
    public string Name { get; } = $"{(Activated is null ? "" : "QuickGelu")}Gemm{(TransA ? 'T' : 'N')}{(TransB ? 'T' : 'N')}";
}

/// <summary>
/// Gemm of large matrices as operators of the library's own, one per form that a layer's forward and backward pass have. They take the place of
/// Gemm when a graph is written. ONNX Runtime would be as fast where weights are stored, by a second copy of them that it packs.
/// </summary>
internal static class LargeProducts
{
    private const long Large = 256; // smaller matrices gain nothing

    public static readonly LargeProduct[] Forms =
    [
        new(false, true), new(false, false), new(true, false),  // y = x Wᵀ + b, dx = dy W, dW = dyᵀ x
        new(false, true, Activated: 0), new(true, false, Activated: 1), // the first and the last, of x = gelu(u)
    ];

    internal static readonly Operator[] Table =
    [
        .. Forms.Select(form => new Operator(form.Name, n => LinearAlgebra.InferGemm(n, form.TransA, form.TransB),
            form.Activated is not null ? null : (n, dy) => LinearAlgebra.GemmGradient(n, dy, form.TransA, form.TransB, alpha: 1, beta: 1))
        {
            Domain = Own.Domain,
            Lowering = () => Lower(form),
        }),
    ];

    /// <summary>The form of <paramref name="node"/>; null: it is none of these operators.</summary>
    public static LargeProduct? FormOf(Node node) => Array.Find(Forms, form => form.Name == node.Operator.Name);

    /// <summary>The node that does what the Gemm <paramref name="node"/> does; null where it has to remain.</summary>
    /// <param name="node">the Gemm</param>
    /// <param name="written">gives the value that stands for an input</param>
    public static Node? Instead(Node node, Func<Tensor, Tensor> written)
    {
        var (transA, transB) = LinearAlgebra.Transposed(node);
        var plain = node.Attributes.Float("alpha", 1) == 1 && (node.Optional(2) is not { } c || (node.Attributes.Float("beta", 1) == 1 && c.Shape.Equals([node.Y.Shape[1]])));
        Dim[] sizes = [.. node.Y.Shape, node[0].Shape[transA ? 0 : 1]];
        var large = sizes.All(d => !d.IsFixed || d.Value >= Large) && sizes.Count(d => d.IsFixed) >= 2;
        if (!plain || !large || node.Y.Type != ElementType.Float32) return null;
        foreach (var form in Forms.Where(form => (form.TransA, form.TransB) == (transA, transB)).Reverse())
        {
            var inputs = node.Inputs.ToArray();
            if (form.Activated is { } at && (inputs[at] = NotActivated(node[at], written)) is null) continue;
            return new Node(Operators.Table[form.Name], node.Name, inputs, Attributes.None, 1) { Outputs = node.Outputs };
        }
        return null;
    }

    // u of Flatten(gelu(u)) or gelu(u).
    private static Tensor? NotActivated(Tensor matrix, Func<Tensor, Tensor> written)
    {
        var activated = written(matrix).Producer is { Operator.Name: "Flatten" } flatten && flatten.Axis(1) == flatten[0].Rank - 1 ? written(flatten[0]) : written(matrix);
        return activated.Producer is { Operator.Name: "QuickGelu" } gelu && gelu[0].Rank >= 2 ? gelu[0] : null;
    }

    /// <summary>The operator <paramref name="name"/> as its activation and its product, which is how a file is read; null: it is none that does both.</summary>
    public static Tensor? Apart(string name, IReadOnlyList<Tensor?> inputs)
    {
        if (Array.Find(Forms, form => form.Name == name) is not { Activated: { } at } form) return null;
        var operands = inputs.ToArray();
        operands[at] = Activate(inputs[at]!);
        return operands[0]!.Gemm(operands[1]!, operands.ElementAtOrDefault(2), form.TransA, form.TransB);
    }

    private static Tensor Activate(Tensor x) => x.QuickGelu().Flatten(x.Rank - 1);

    private static Graph Lower(LargeProduct form)
    {
        var g = new Graph(form.Name);
        var a = g.Input("a", ElementType.Float32, form.TransA ? ["k", "m"] : ["m", "k"]);
        var b = g.Input("b", ElementType.Float32, form.TransB ? ["n", "k"] : ["k", "n"]);
        Tensor[] operands = [a, b];
        if (form.Activated is { } at) operands[at] = g.Add("Flatten", new Attributes(("axis", -1L)), Fused.StandardQuickGelu(operands[at])); // however many axes it has
        g.Output("y", operands[0].Gemm(operands[1], g.Input("c", ElementType.Float32, ["n"]), form.TransA, form.TransB));
        return g;
    }
}
