namespace LmmRec.Graphs;

/// <summary>
/// Operators of the library's own that do in one pass over memory what standard operators do in many: an activation, attention, and gradients.
/// </summary>
internal static class Fused
{
    /// <summary>Of the sigmoid in <see cref="Elementwise.QuickGelu"/>.</summary>
    internal const double Slope = 1.702;

    internal static readonly Operator[] Table =
    [
        new("QuickGelu", Inferred.Same, (n, dy) => [dy.Graph.Add("QuickGeluGradient", n[0], dy)]) { Domain = Own.Domain, Lowering = LowerQuickGelu },
        new("QuickGeluGradient", Inferred.Broadcast) { Domain = Own.Domain, Lowering = LowerQuickGeluGradient },
        new("Attention", InferAttention, AttentionGradient) { Domain = Own.Domain, Lowering = LowerAttention },
        new("AttentionGradient", n => [n[0].Inferred, n[1].Inferred, n[2].Inferred], gradient: null) { Domain = Own.Domain, Lowering = LowerAttentionGradient },
        new("SoftmaxGradient", Inferred.Broadcast) { Domain = Own.Domain, Lowering = LowerSoftmaxGradient },
        new("LayerNormalizationGradient", n => [n[0].Inferred, n[1].Inferred, n[1].Inferred], gradient: null) { Domain = Own.Domain, Lowering = LowerLayerNormalizationGradient },
    ];

    /// <summary>The gradient of a softmax over the last axis from its result.</summary>
    public static Tensor SoftmaxGradient(this Tensor y, Tensor dy) => y.Graph.Add("SoftmaxGradient", y, dy);

    /// <summary>The gradients of x, scale [d] and bias [d] of a normalisation over the last axis; mean and inverse deviation are [… , 1].</summary>
    public static IReadOnlyList<Tensor> LayerNormalizationGradient(this Tensor x, Tensor scale, Tensor mean, Tensor inverseDeviation, Tensor dy) =>
        x.Graph.Add("LayerNormalizationGradient", Attributes.None, 3, x, scale, mean, inverseDeviation, dy);

    /// <summary>x σ(1.702 x) of standard operators, a pattern that ONNX Runtime fuses.</summary>
    internal static Tensor StandardQuickGelu(Tensor x) => x * (x * Slope).Sigmoid();

    /// <summary>The gradient of a unit that passes <paramref name="slope"/> of what is not above 0, of standard operators.</summary>
    internal static Tensor StandardLeakyReluGradient(Tensor x, Tensor dy, Tensor slope) => dy.Where(x.Greater(0), dy * slope);

    /// <summary>The gradient of a softmax over <paramref name="axis"/>, of standard operators.</summary>
    internal static Tensor StandardSoftmaxGradient(Tensor y, Tensor dy, int axis) => y * (dy - (dy * y).ReduceSum([axis], keepDims: true));

    /// <summary>The gradient of x of a normalisation over <paramref name="axes"/>, of standard operators, and dy times the normalised x, which summed is that of scale.</summary>
    internal static (Tensor OfX, Tensor OfScaled) StandardLayerNormalizationGradient(Tensor x, Tensor scale, Tensor mean, Tensor inverseDeviation, Tensor dy, int[] axes)
    {
        var normalized = (x - mean) * inverseDeviation;
        var slope = dy * scale;
        var dx = inverseDeviation * (slope - slope.ReduceMean(axes, keepDims: true) - normalized * (slope * normalized).ReduceMean(axes, keepDims: true));
        return (dx, dy * normalized);
    }

    private static Graph LowerQuickGelu()
    {
        var g = new Graph("QuickGelu");
        g.Output("y", StandardQuickGelu(g.Input("x", ElementType.Float32, ["n"])));
        return g;
    }

    private static Graph LowerQuickGeluGradient()
    {
        var g = new Graph("QuickGeluGradient");
        var (x, dy) = (g.Input("x", ElementType.Float32, ["n"]), g.Input("dy", ElementType.Float32, ["n"]));
        var sigmoid = (x * Slope).Sigmoid();
        g.Output("dx", dy * (sigmoid + x * Slope * (sigmoid * (1 - sigmoid))));
        return g;
    }

    private static TensorType InferAttention(Node n)
    {
        var (q, k, v) = (n[0], n[1], n[2]);
        if (q.Rank != 4 || k.Rank != 4 || !k.Shape.Equals(v.Shape) || !k.Shape.Equals(q.Shape.With(1, k.Shape[1]))) throw n.Wrong("queries [B, T, H, d] need keys and values [B, S, H, d]");
        Shape scores = [q.Shape[0], q.Shape[2], q.Shape[1], k.Shape[1]];
        return scores.Equals(Shape.Broadcast(scores, n[4].Shape)) ? new TensorType(q.Type, q.Shape) : throw n.Wrong($"the bias does not broadcast to {scores}");
    }

    /// <summary>[B, H, T, S]</summary>
    private static Tensor StandardAttentionWeights(Tensor q, Tensor k, Tensor scale, Tensor bias) =>
        ((q * scale).Transpose(0, 2, 1, 3).MatMul(k.Transpose(0, 2, 3, 1)) + bias).Softmax();

    private static Tensor?[] AttentionGradient(Node n, Tensor dy)
    {
        var (q, k, v, scale, bias) = (n[0], n[1], n[2], n[3], n[4]);
        var gradients = dy.Graph.Add("AttentionGradient", Attributes.None, 3, q, k, v, scale, bias, dy);
        return [.. gradients, null, StandardAttentionWeights(q, k, scale, bias).SoftmaxGradient(StandardAttentionWeightsGradient(v, dy)).SumTo(bias)];
    }

    /// <summary>[B, H, T, S]</summary>
    private static Tensor StandardAttentionWeightsGradient(Tensor v, Tensor dy) => dy.Transpose(0, 2, 1, 3).MatMul(v.Transpose(0, 2, 3, 1));

    private static Graph LowerAttention()
    {
        var g = new Graph("Attention");
        Tensor q = g.Input("q", ElementType.Float32, ["b", "t", "h", "d"]), k = g.Input("k", ElementType.Float32, ["b", "s", "h", "d"]), v = g.Input("v", ElementType.Float32, k.Shape);
        var weights = StandardAttentionWeights(q, k, g.Input("scale", ElementType.Float32, []), g.Input("bias", ElementType.Float32, ["b", "h", "t", "s"]));
        g.Output("y", weights.MatMul(v.Transpose(0, 2, 1, 3)).Transpose(0, 2, 1, 3));
        return g;
    }

    private static Graph LowerAttentionGradient()
    {
        var g = new Graph("AttentionGradient");
        Tensor q = g.Input("q", ElementType.Float32, ["b", "t", "h", "d"]), k = g.Input("k", ElementType.Float32, ["b", "s", "h", "d"]), v = g.Input("v", ElementType.Float32, k.Shape);
        Tensor scale = g.Input("scale", ElementType.Float32, []), bias = g.Input("bias", ElementType.Float32, ["b", "h", "t", "s"]), dy = g.Input("dy", ElementType.Float32, q.Shape);
        var weights = StandardAttentionWeights(q, k, scale, bias);
        var dScores = StandardSoftmaxGradient(weights, StandardAttentionWeightsGradient(v, dy), -1);
        g.Output("dq", (dScores.MatMul(k.Transpose(0, 2, 1, 3)) * scale).Transpose(0, 2, 1, 3));
        g.Output("dk", dScores.TransposeLast().MatMul((q * scale).Transpose(0, 2, 1, 3)).Transpose(0, 2, 1, 3));
        g.Output("dv", weights.TransposeLast().MatMul(dy.Transpose(0, 2, 1, 3)).Transpose(0, 2, 1, 3));
        return g;
    }

    private static Graph LowerSoftmaxGradient()
    {
        var g = new Graph("SoftmaxGradient");
        var (y, dy) = (g.Input("y", ElementType.Float32, ["n", "d"]), g.Input("dy", ElementType.Float32, ["n", "d"]));
        g.Output("dx", StandardSoftmaxGradient(y, dy, -1));
        return g;
    }

    private static Graph LowerLayerNormalizationGradient()
    {
        var g = new Graph("LayerNormalizationGradient");
        var (x, scale) = (g.Input("x", ElementType.Float32, ["n", "d"]), g.Input("scale", ElementType.Float32, ["d"]));
        var (mean, inverseDeviation) = (g.Input("mean", ElementType.Float32, ["n", 1]), g.Input("inverse_deviation", ElementType.Float32, ["n", 1]));
        var dy = g.Input("dy", ElementType.Float32, ["n", "d"]);
        var (dx, dyNormalized) = StandardLayerNormalizationGradient(x, scale, mean, inverseDeviation, dy, [-1]);
        g.Output("dx", dx);
        g.Output("dscale", Rows(dyNormalized).ReduceSum([0]));
        g.Output("dbias", Rows(dy).ReduceSum([0]));
        return g;

        // However many axes x has: the last one stays.
        static Tensor Rows(Tensor t) => t.Graph.Add("Flatten", new Attributes(("axis", -1L)), t);
    }
}
