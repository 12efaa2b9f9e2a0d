namespace LmmRec.Graphs;

/// <summary>
/// Products of 8-bit integers, for inference only. Each row of an activation has a scale and a zero of its own, so its result does not depend on the
/// other rows of a batch.
/// </summary>
internal static class Quantization
{
    internal static readonly Operator[] Table =
    [
        new("DynamicQuantizeLinear", n => [new(ElementType.UInt8, n[0].Shape), new(ElementType.Float32, []), new(ElementType.UInt8, [])], null),
        new("MatMulInteger", InferMatMulInteger),
        new("QuantizeRows", InferQuantizeRows, null) { Domain = Own.Domain, Lowering = LowerQuantizeRows },
        new("DequantizeRows", n => n[0].Inferred with { Type = ElementType.Float32 }) { Domain = Own.Domain, Lowering = LowerDequantizeRows },
    ];

    /// <summary>
    /// x · diag(<paramref name="factors"/>) rounded to bytes, row by row: [… , in] → bytes of the same shape, scales (float32) and zeros (int32) [… , 1].
    /// The step from one byte to the next is a row's scale, and its zero is the byte that stands for 0.
    /// </summary>
    public static IReadOnlyList<Tensor> QuantizeRows(this Tensor x, Tensor factors) => x.Graph.Add("QuantizeRows", Attributes.None, 3, x, factors);

    /// <summary>
    /// x W + b of a product of bytes: (<paramref name="product"/> − zero · sum) · scale · column scale + bias, where a column's sum is that of its
    /// 8-bit weights: [… , out], int32 → float32.
    /// </summary>
    public static Tensor DequantizeRows(this Tensor product, Tensor scales, Tensor zeros, Tensor columnScales, Tensor columnSums, Tensor bias) =>
        product.Graph.Add("DequantizeRows", product, scales, zeros, columnScales, columnSums, bias);

    private static TensorType InferMatMulInteger(Node n)
    {
        var (a, b) = (n[0], n[1]);
        if (a.Shape[^1] != b.Shape[^2]) throw n.Wrong($"the inner dimensions {a.Shape[^1]} and {b.Shape[^2]} differ");
        if (b.Rank != 2) throw n.Wrong("the second input must be a matrix");
        return new TensorType(ElementType.Int32, a.Shape.With(a.Rank - 1, b.Shape[1]));
    }

    private static TensorType[] InferQuantizeRows(Node n)
    {
        if (!n[1].Shape.Equals([n[0].Shape[^1]])) throw n.Wrong("it needs a factor for each element of a row");
        var perRow = n[0].Shape.With(n[0].Rank - 1, 1);
        return [new(ElementType.UInt8, n[0].Shape), new(ElementType.Float32, perRow), new(ElementType.Int32, perRow)];
    }

    // As the kernel does it, so that both give the same bytes. The range always holds 0, which one of the bytes stands for.
    private static Graph LowerQuantizeRows()
    {
        var g = new Graph("QuantizeRows");
        var x = g.Input("x", ElementType.Float32, ["n", "in"]) * g.Input("factors", ElementType.Float32, ["in"]);
        var (least, most) = (x.ReduceMin([-1], keepDims: true).Min(x.Like(0)), x.ReduceMax([-1], keepDims: true).Max(0));
        var scale = ((most - least) * (1.0 / byte.MaxValue)).Max(Kernels.QuantizeRows.LeastScale);
        var inverse = 1 / scale;
        var zero = (-least * inverse + 0.5).Cast(ElementType.Int32); // Cast cuts off
        g.Output("bytes", (x * inverse + (zero.Cast(ElementType.Float32) + 0.5)).Clip(0, byte.MaxValue).Cast(ElementType.UInt8));
        g.Output("scales", scale);
        g.Output("zeros", zero);
        return g;
    }

    private static Graph LowerDequantizeRows()
    {
        var g = new Graph("DequantizeRows");
        var product = g.Input("product", ElementType.Int32, ["n", "out"]);
        var (scales, zeros) = (g.Input("scales", ElementType.Float32, ["n", 1]), g.Input("zeros", ElementType.Int32, ["n", 1]));
        var (columnScales, columnSums) = (g.Input("column_scales", ElementType.Float32, ["out"]), g.Input("column_sums", ElementType.Int32, ["out"]));
        var y = (product - zeros * columnSums).Cast(ElementType.Float32) * scales * columnScales;
        g.Output("y", y + g.Input("bias", ElementType.Float32, ["out"]));
        return g;
    }
}
