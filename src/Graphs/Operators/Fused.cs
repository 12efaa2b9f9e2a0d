namespace LmmRec.Graphs;

/// <summary>
/// Operators of the library's own that do in one pass over memory what standard operators do in many: an activation, and gradients.
/// </summary>
internal static class Fused
{
    private const double Slope = 1.702;

    internal static readonly Operator[] Table =
    [
        new("QuickGelu", Inferred.Same, (n, dy) => [dy.Graph.Add("QuickGeluGradient", n[0], dy)]) { Domain = Own.Domain, Lowering = LowerQuickGelu },
        new("QuickGeluGradient", Inferred.Broadcast) { Domain = Own.Domain, Lowering = LowerQuickGeluGradient },
        new("SoftmaxGradient", Inferred.Broadcast) { Domain = Own.Domain, Lowering = LowerSoftmaxGradient },
        new("LayerNormalizationGradient", n => [n[0].Inferred, n[1].Inferred, n[1].Inferred], gradient: null) { Domain = Own.Domain, Lowering = LowerLayerNormalizationGradient },
    ];

    /// <summary>The gradient of a softmax over the last axis from its result.</summary>
    public static Tensor SoftmaxGradient(this Tensor y, Tensor dy) => y.Graph.Add("SoftmaxGradient", y, dy);

    /// <summary>The gradients of x, scale [d] and bias [d] of a normalisation over the last axis; mean and inverse deviation are [… , 1].</summary>
    public static IReadOnlyList<Tensor> LayerNormalizationGradient(this Tensor x, Tensor scale, Tensor mean, Tensor inverseDeviation, Tensor dy) =>
        x.Graph.Add("LayerNormalizationGradient", Attributes.None, 3, x, scale, mean, inverseDeviation, dy);

    private static Graph LowerQuickGelu()
    {
        var g = new Graph("QuickGelu");
        var x = g.Input("x", ElementType.Float32, ["n"]);
        g.Output("y", x * (x * Slope).Sigmoid()); // ONNX Runtime fuses the pattern
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

    private static Graph LowerSoftmaxGradient()
    {
        var g = new Graph("SoftmaxGradient");
        var (y, dy) = (g.Input("y", ElementType.Float32, ["n", "d"]), g.Input("dy", ElementType.Float32, ["n", "d"]));
        g.Output("dx", y * (dy - (dy * y).ReduceSum([-1], keepDims: true)));
        return g;
    }

    private static Graph LowerLayerNormalizationGradient()
    {
        var g = new Graph("LayerNormalizationGradient");
        var (x, scale) = (g.Input("x", ElementType.Float32, ["n", "d"]), g.Input("scale", ElementType.Float32, ["d"]));
        var (mean, inverseDeviation) = (g.Input("mean", ElementType.Float32, ["n", 1]), g.Input("inverse_deviation", ElementType.Float32, ["n", 1]));
        var dy = g.Input("dy", ElementType.Float32, ["n", "d"]);
        var normalized = (x - mean) * inverseDeviation;
        var slope = dy * scale;
        g.Output("dx", inverseDeviation * (slope - slope.ReduceMean([-1], keepDims: true) - normalized * (slope * normalized).ReduceMean([-1], keepDims: true)));
        g.Output("dscale", Rows(dy * normalized).ReduceSum([0]));
        g.Output("dbias", Rows(dy).ReduceSum([0]));
        return g;

        // However many axes x has: the last one stays.
        static Tensor Rows(Tensor t) => t.Graph.Add("Flatten", new Attributes(("axis", -1L)), t);
    }
}
