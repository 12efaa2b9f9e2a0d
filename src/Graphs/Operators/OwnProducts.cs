namespace LmmRec.Graphs;

/// <summary>
/// A product of matrices: how both are transposed, which of them, if one, is what <see cref="Elementwise.QuickGelu"/> gives for an input [… , d], made
/// while it is read and never kept, and whether the first is [… , d] and its leading axes stay, as MatMul has it.
/// </summary>
internal sealed record OwnProduct(bool TransA, bool TransB, int? Activated = null, bool KeepsAxes = false)
{
    /// <summary>GemmNT has B transposed, as BLAS writes it.</summary>
    public string Name { get; } = KeepsAxes ? "RowsMatMul" : $"{(Activated is null ? "" : "QuickGelu")}Gemm{(TransA ? 'T' : 'N')}{(TransB ? 'T' : 'N')}";
}

/// <summary>
/// Gemm and MatMul as operators of the library's own, one per form that a layer's forward and backward pass have. They take their place when a graph is
/// written where they are faster, and where the threads would change the bytes: ONNX Runtime shares a product of fewer rows than columns among threads by
/// its columns, and sums narrow ones in other blocks. For large ones it would be as fast where weights are stored, by a second copy of them that it packs.
/// </summary>
internal static class OwnProducts
{
    private const long Large = 256; // smaller matrices gain nothing in speed
    private const long Block = 128; // products that ONNX Runtime sums at least before it adds them to others

    private static readonly OwnProduct Rows = new(false, false, KeepsAxes: true);

    public static readonly OwnProduct[] Forms =
    [
        new(false, true), new(false, false), new(true, false),  // y = x Wᵀ + b, dx = dy W, dW = dyᵀ x
        new(false, true, Activated: 0), new(true, false, Activated: 1), // the first and the last, of x = gelu(u)
        Rows,
    ];

    internal static readonly Operator[] Table =
    [
        .. Forms.Select(form => new Operator(form.Name, n => form.KeepsAxes ? LinearAlgebra.InferMatMul(n) : LinearAlgebra.InferGemm(n, form.TransA, form.TransB),
            form.Activated is not null ? null
            : (n, dy) => form.KeepsAxes ? LinearAlgebra.MatMulGradient(n, dy) : LinearAlgebra.GemmGradient(n, dy, form.TransA, form.TransB, alpha: 1, beta: 1))
        {
            Domain = Own.Domain,
            Lowering = () => Lower(form),
        }),
    ];

    /// <summary>The form of <paramref name="node"/>; null: it is none of these operators.</summary>
    public static OwnProduct? FormOf(Node node) => Array.Find(Forms, form => form.Name == node.Operator.Name);

    /// <summary>The node that does what <paramref name="node"/> does; null where it has to remain.</summary>
    /// <param name="node">any</param>
    /// <param name="written">gives the value that stands for an input</param>
    public static Node? Instead(Node node, Func<Tensor, Tensor> written)
    {
        if (node.Operator.Name is not ("MatMul" or "Gemm") || node.Y.Type != ElementType.Float32 || node[1].Rank != 2) return null;
        var (transA, transB) = LinearAlgebra.Transposed(node);
        var plain = node.Attributes.Float("alpha", 1) == 1 && (node.Optional(2) is not { } c || (node.Attributes.Float("beta", 1) == 1 && c.Shape.Equals([node.Y.Shape[1]])));
        var inner = node[0].Shape[transA ? 0 : ^1];
        if (!plain || !(IsLarge(node, inner) || IsSharedByColumns(node, inner))) return null;
        if (node.Operator.Name == "MatMul") return new Node(Operators.Table[Rows.Name], node.Name, node.Inputs, Attributes.None, 1) { Outputs = node.Outputs };
        foreach (var form in Forms.Where(form => form != Rows && (form.TransA, form.TransB) == (transA, transB)).Reverse())
        {
            var inputs = node.Inputs.ToArray();
            if (form.Activated is { } at && (inputs[at] = NotActivated(node[at], written)) is null) continue;
            return new Node(Operators.Table[form.Name], node.Name, inputs, Attributes.None, 1) { Outputs = node.Outputs };
        }
        return null;
    }

    private static bool IsLarge(Node gemm, Dim inner)
    {
        Dim[] sizes = [.. gemm.Y.Shape, inner];
        return gemm.Operator.Name == "Gemm" && sizes.All(d => !d.IsFixed || d.Value >= Large) && sizes.Count(d => d.IsFixed) >= 2;
    }

    // Unless it is known to have as many rows as columns, or to be summed in one block. One column alone is always shared.
    private static bool IsSharedByColumns(Node product, Dim inner)
    {
        var (rows, columns) = (new Shape([.. product.Y.Shape.SkipLast(1)]).Size, product.Y.Shape[^1]);
        if (columns is { IsFixed: true, Value: 1 }) return true;
        return inner is not { IsFixed: true, Value: <= Block } && !(rows.IsFixed && columns.IsFixed && rows.Value >= columns.Value);
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

    private static Graph Lower(OwnProduct form)
    {
        var g = new Graph(form.Name);
        var a = g.Input("a", ElementType.Float32, form.TransA ? ["k", "m"] : ["m", "k"]);
        var b = g.Input("b", ElementType.Float32, form.TransB ? ["n", "k"] : ["k", "n"]);
        if (form.KeepsAxes)
        {
            g.Output("y", a.MatMul(b)); // however many axes it has
            return g;
        }
        Tensor[] operands = [a, b];
        if (form.Activated is { } at) operands[at] = g.Add("Flatten", new Attributes(("axis", -1L)), Fused.StandardQuickGelu(operands[at])); // however many axes it has
        g.Output("y", operands[0].Gemm(operands[1], g.Input("c", ElementType.Float32, ["n"]), form.TransA, form.TransB));
        return g;
    }
}
