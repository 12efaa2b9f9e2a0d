namespace LmmRec.Graphs;

/// <summary>Matrix products.</summary>
public static class LinearAlgebra
{
    internal static readonly Operator[] Table =
    [
        new("MatMul", InferMatMul, MatMulGradient),
        new("Gemm", InferGemm, GemmGradient),
    ];

    /// <summary>Matrix product over the last two axes; the axes before them broadcast: <c>[…, m, k] · […, k, n] → […, m, n]</c>.</summary>
    public static Tensor MatMul(this Tensor a, Tensor b) => a.Graph.Add("MatMul", a, b);

    /// <summary>α A' B' + β C of matrices, where ' transposes as asked; C broadcasts.</summary>
    public static Tensor Gemm(this Tensor a, Tensor b, Tensor? c = null, bool transA = false, bool transB = false, float alpha = 1, float beta = 1) =>
        a.Graph.Add("Gemm", new Attributes(("alpha", alpha), ("beta", beta), ("transA", transA ? 1L : 0L), ("transB", transB ? 1L : 0L)), a, b, c);

    /// <summary>
    /// x Wᵀ + b with the weight stored <c>[out, in]</c> as PyTorch stores it: <c>[…, in] → […, out]</c>. Leading axes are flattened, because one
    /// large Gemm is the fastest form.
    /// </summary>
    public static Tensor Linear(this Tensor x, Tensor weight, Tensor? bias = null)
    {
        if (x.Shape[^1] != weight.Shape[1]) throw new GraphException($"Linear of {x.Shape} and weight {weight.Shape}: {x.Shape[^1]} features against {weight.Shape[1]}");
        if (x.Rank == 2) return x.Gemm(weight, bias, transB: true);
        var flat = x.Flatten(x.Rank - 1).Gemm(weight, bias, transB: true);
        return flat.ReshapeTo(x.Shape.With(x.Rank - 1, weight.Shape[0]), x, [.. Enumerable.Range(0, x.Rank)]);
    }

    /// <summary>Swaps the last two axes.</summary>
    public static Tensor TransposeLast(this Tensor x)
    {
        int[] permutation = [.. Enumerable.Range(0, x.Rank)];
        (permutation[^1], permutation[^2]) = (permutation[^2], permutation[^1]);
        return x.Transpose(permutation);
    }

    internal static TensorType InferMatMul(Node n)
    {
        var (a, b) = (n[0], n[1]);
        if (a.Type != b.Type) throw n.Wrong($"the element types {a.Type} and {b.Type} differ");
        if (a.Rank < 2 || b.Rank < 2) throw n.Wrong("both need two axes; unsqueeze a vector first");
        if (a.Shape[^1] != b.Shape[^2]) throw n.Wrong($"the inner dimensions {a.Shape[^1]} and {b.Shape[^2]} differ");
        var batch = Shape.Broadcast(new Shape([.. a.Shape.SkipLast(2)]), new Shape([.. b.Shape.SkipLast(2)])) ?? throw n.Wrong("the leading axes do not broadcast");
        return new TensorType(a.Type, new Shape([.. batch, a.Shape[^2], b.Shape[^1]]));
    }

    internal static Tensor?[] MatMulGradient(Node n, Tensor dy)
    {
        var (a, b) = (n[0], n[1]);
        if (a.Rank == 2 && b.Rank == 2) return [dy.Gemm(b, transB: true), a.Gemm(dy, transA: true)];
        var da = dy.MatMul(b.TransposeLast()).SumTo(a);
        // A weight shared by all leading axes: one product over the flattened rows instead of many that are summed afterwards.
        var db = b.Rank == 2 ? a.Flatten(a.Rank - 1).Gemm(dy.Flatten(dy.Rank - 1), transA: true) : a.TransposeLast().MatMul(dy).SumTo(b);
        return [da, db];
    }

    private static TensorType InferGemm(Node n) => InferGemm(n, Transposed(n).A, Transposed(n).B);

    internal static TensorType InferGemm(Node n, bool transA, bool transB)
    {
        var (a, b) = (n[0], n[1]);
        if (a.Type != b.Type) throw n.Wrong($"the element types {a.Type} and {b.Type} differ");
        if (a.Rank != 2 || b.Rank != 2) throw n.Wrong("both need exactly two axes");
        var (rows, inner) = transA ? (a.Shape[1], a.Shape[0]) : (a.Shape[0], a.Shape[1]);
        var (other, columns) = transB ? (b.Shape[1], b.Shape[0]) : (b.Shape[0], b.Shape[1]);
        if (inner != other) throw n.Wrong($"the inner dimensions {inner} and {other} differ (transA {transA}, transB {transB})");
        Shape shape = [rows, columns];
        if (n.Optional(2) is { } c && !shape.Equals(Shape.Broadcast(shape, c.Shape))) throw n.Wrong($"C does not broadcast to {shape}");
        return new TensorType(a.Type, shape);
    }

    private static Tensor?[] GemmGradient(Node n, Tensor dy) =>
        GemmGradient(n, dy, Transposed(n).A, Transposed(n).B, n.Attributes.Float("alpha", 1), n.Attributes.Float("beta", 1));

    internal static Tensor?[] GemmGradient(Node n, Tensor dy, bool transA, bool transB, float alpha, float beta)
    {
        var (a, b) = (n[0], n[1]);
        var da = transA ? b.Gemm(dy, transA: transB, transB: true, alpha: alpha) : dy.Gemm(b, transB: !transB, alpha: alpha);
        var db = transB ? dy.Gemm(a, transA: true, transB: transA, alpha: alpha) : a.Gemm(dy, transA: !transA, alpha: alpha);
        var dc = n.Optional(2) is { } c ? (beta == 1 ? dy : dy * beta).SumTo(c) : null;
        return [da, db, dc];
    }

    internal static (bool A, bool B) Transposed(Node n) => (n.Attributes.Int("transA", 0) != 0, n.Attributes.Int("transB", 0) != 0);
}
