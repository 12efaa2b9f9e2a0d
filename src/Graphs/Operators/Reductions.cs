namespace LmmRec.Graphs;

/// <summary>Operators that take axes away. Without axes they reduce all.</summary>
public static class Reductions
{
    // Keeps the slope of a norm at the zero vector 0 (as PyTorch has it) instead of 0/0.
    private const double TinyNorm = 1e-18;

    internal static readonly Operator[] Table =
    [
        new("ReduceSum", Infer, (n, dy) => [Widen(n, dy).Expand(n[0].ShapeTensor()), null]),
        new("ReduceMean", Infer, (n, dy) => [(Widen(n, dy) / n[0].DivisorOf(Axes(n))).Expand(n[0].ShapeTensor()), null]),
        new("ReduceMax", Infer, (n, dy) => [Extremum(n, dy), null]),
        new("ReduceMin", Infer, (n, dy) => [Extremum(n, dy), null]),
        new("ReduceL1", Infer, (n, dy) => [Widen(n, dy) * n[0].Sign(), null]),
        new("ReduceL2", Infer, (n, dy) => [Widen(n, dy) / Widen(n, n.Y).Max(TinyNorm) * n[0], null]),
        new("ReduceSumSquare", Infer, (n, dy) => [Widen(n, dy) * 2 * n[0], null]),
        new("ReduceLogSumExp", Infer, (n, dy) => [RowLogSumExp.StandardGradient(n[0], Widen(n, n.Y), Widen(n, dy)), null]),
        new("ReduceProd", InferProduct),
        new("ArgMax", InferArg) { EndsGradient = true },
        new("ArgMin", InferArg) { EndsGradient = true },
    ];

    public static Tensor ReduceSum(this Tensor x, int[]? axes = null, bool keepDims = false) => Reduce("ReduceSum", x, axes, keepDims);

    public static Tensor ReduceMean(this Tensor x, int[]? axes = null, bool keepDims = false) => Reduce("ReduceMean", x, axes, keepDims);

    /// <summary>The largest element; where several are, they share the gradient.</summary>
    public static Tensor ReduceMax(this Tensor x, int[]? axes = null, bool keepDims = false) => Reduce("ReduceMax", x, axes, keepDims);

    public static Tensor ReduceMin(this Tensor x, int[]? axes = null, bool keepDims = false) => Reduce("ReduceMin", x, axes, keepDims);

    /// <summary>Σ|x|.</summary>
    public static Tensor ReduceL1(this Tensor x, int[]? axes = null, bool keepDims = false) => Reduce("ReduceL1", x, axes, keepDims);

    /// <summary>√Σx²; the slope at the zero vector is 0.</summary>
    public static Tensor ReduceL2(this Tensor x, int[]? axes = null, bool keepDims = false) => Reduce("ReduceL2", x, axes, keepDims);

    /// <summary>Σx².</summary>
    public static Tensor ReduceSumSquare(this Tensor x, int[]? axes = null, bool keepDims = false) => Reduce("ReduceSumSquare", x, axes, keepDims);

    /// <summary>log Σ eˣ, stable: ONNX Runtime takes the maximum out first.</summary>
    public static Tensor LogSumExp(this Tensor x, int[]? axes = null, bool keepDims = false) =>
        RowLogSumExp.Covers(x, axes) && !keepDims ? x.Graph.Add(RowLogSumExp.Forward, x) : Reduce("ReduceLogSumExp", x, axes, keepDims);

    /// <summary>Indices of the largest elements along <paramref name="axis"/>, the first of equal ones.</summary>
    public static Tensor ArgMax(this Tensor x, int axis, bool keepDims = false) =>
        x.Graph.Add("ArgMax", new Attributes(("axis", (long)axis), ("keepdims", keepDims ? 1L : 0L)), x);

    private static Tensor Reduce(string op, Tensor x, int[]? axes, bool keepDims) => x.Graph.Add(op, new Attributes(("keepdims", keepDims ? 1L : 0L)),
        x, axes is null ? null : x.Graph.Integers(Array.ConvertAll(axes, a => (long)a)));

    private static int[] Axes(Node n) =>
        n.Attributes.Int("noop_with_empty_axes", 0) == 1 && n.Numbers(1) is null or { Length: 0 } ? [] :
        n.Numbers(1) is { Length: 0 } ? [.. Enumerable.Range(0, n[0].Rank)] : n.Axes(1, n[0].Rank);

    private static TensorType Infer(Node n) => new(n[0].Type, Reduced(n[0].Shape, Axes(n), n.Attributes.Int("keepdims", 1) == 1));

    private static TensorType InferProduct(Node n)
    {
        var type = Infer(n);
        return n[0].Inferred.Contents is { } known && n[0].Rank <= 1 ? type with { Contents = [known.Aggregate((Dim)1, (p, d) => p * d)] } : type;
    }

    private static TensorType InferArg(Node n) =>
        new(ElementType.Int64, Reduced(n[0].Shape, [n.Axis(0)], n.Attributes.Int("keepdims", 1) == 1));

    private static Shape Reduced(Shape shape, int[] axes, bool keepDims) => new([.. shape
        .Select((dim, i) => (Dim: axes.Contains(i) ? 1 : dim, Kept: keepDims || !axes.Contains(i))).Where(d => d.Kept).Select(d => d.Dim)]);

    // Puts the reduced axes back with size 1, so that the result broadcasts against the input.
    private static Tensor Widen(Node n, Tensor reduced) =>
        n.Attributes.Int("keepdims", 1) == 1 || Axes(n).Length == 0 ? reduced : reduced.Unsqueeze(Axes(n));

    private static Tensor Extremum(Node n, Tensor dy)
    {
        var chosen = n[0].Equal(Widen(n, n.Y)).Cast(dy.Type);
        return chosen * (Widen(n, dy) / chosen.ReduceSum(Axes(n), keepDims: true));
    }
}
