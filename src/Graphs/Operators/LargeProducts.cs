namespace LmmRec.Graphs;

/// <summary>
/// Gemm of large matrices as operators of the library's own, one per form that a layer's forward and backward pass have. They take the place of
/// Gemm when a graph is written. ONNX Runtime would be as fast where weights are stored, by a second copy of them that it packs.
/// </summary>
internal static class LargeProducts
{
    private const long Large = 256; // smaller matrices gain nothing

    public static readonly (bool TransA, bool TransB)[] Forms = [(false, true), (false, false), (true, false)]; // y = x Wᵀ + b, dx = dy W, dW = dyᵀ x

    internal static readonly Operator[] Table =
    [
        .. Forms.Select(form => new Operator(NameOf(form.TransA, form.TransB), n => LinearAlgebra.InferGemm(n, form.TransA, form.TransB),
            (n, dy) => LinearAlgebra.GemmGradient(n, dy, form.TransA, form.TransB, alpha: 1, beta: 1))
        {
            Domain = Own.Domain,
            Lowering = () => Lower(form.TransA, form.TransB),
        }),
    ];

    /// <summary>GemmNT has B transposed, as BLAS writes it.</summary>
    public static string NameOf(bool transA, bool transB) => $"Gemm{(transA ? 'T' : 'N')}{(transB ? 'T' : 'N')}";

    /// <summary>How the products of <paramref name="node"/> are transposed; null: it is none of these operators.</summary>
    public static (bool TransA, bool TransB)? FormOf(Node node)
    {
        foreach (var form in Forms)
            if (NameOf(form.TransA, form.TransB) == node.Operator.Name) return form;
        return null;
    }

    /// <summary>The operator that does what the Gemm <paramref name="node"/> does; null where it has to remain.</summary>
    public static string? Instead(Node node)
    {
        var (transA, transB) = LinearAlgebra.Transposed(node);
        var plain = node.Attributes.Float("alpha", 1) == 1 && (node.Optional(2) is not { } c || (node.Attributes.Float("beta", 1) == 1 && c.Shape.Equals([node.Y.Shape[1]])));
        Dim[] sizes = [.. node.Y.Shape, node[0].Shape[transA ? 0 : 1]];
        var large = sizes.All(d => !d.IsFixed || d.Value >= Large) && sizes.Count(d => d.IsFixed) >= 2;
        return plain && large && node.Y.Type == ElementType.Float32 && Forms.Contains((transA, transB)) ? NameOf(transA, transB) : null;
    }

    private static Graph Lower(bool transA, bool transB)
    {
        var g = new Graph(NameOf(transA, transB));
        var a = g.Input("a", ElementType.Float32, transA ? ["k", "m"] : ["m", "k"]);
        var b = g.Input("b", ElementType.Float32, transB ? ["n", "k"] : ["k", "n"]);
        g.Output("y", a.Gemm(b, g.Input("c", ElementType.Float32, ["n"]), transA, transB));
        return g;
    }
}
