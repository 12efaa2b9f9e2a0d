namespace LmmRec.Graphs;

/// <summary>Softmax, attention and normalisation.</summary>
public static class Neural
{
    internal static readonly Operator[] Table =
    [
        new("Softmax", InferSoftmax, SoftmaxGradient),
        new("LogSoftmax", InferSoftmax, (n, dy) => [dy - n.Y.Exp() * dy.ReduceSum([n.Axis(-1)], keepDims: true)]),
        new("LayerNormalization", InferLayerNormalization, LayerNormalizationGradient) { OptionalOutputs = 2 },
        new("BatchNormalization", InferBatchNormalization, BatchNormalizationGradient),
    ];

    public static Tensor Softmax(this Tensor x, int axis = -1) => x.Graph.Add("Softmax", new Attributes(("axis", (long)axis)), x);

    public static Tensor LogSoftmax(this Tensor x, int axis = -1) => x.Graph.Add("LogSoftmax", new Attributes(("axis", (long)axis)), x);

    /// <summary>(x − mean) / √(variance + ε) ⊙ scale + bias over the last axis.</summary>
    public static Tensor LayerNormalization(this Tensor x, Tensor scale, Tensor? bias = null, float epsilon = 1e-5f) =>
        x.Graph.Add("LayerNormalization", new Attributes(("axis", -1L), ("epsilon", epsilon)), 3, x, scale, bias)[0];

    /// <summary>x / max(‖x‖₂, ε) along <paramref name="axis"/>.</summary>
    public static Tensor Normalize(this Tensor x, int axis = -1, double epsilon = 1e-12) => x / x.ReduceL2([axis], keepDims: true).Max(epsilon);

    /// <summary>
    /// softmax(q kᵀ / √d + bias) v per head: queries [B, T, H, d], keys and values [B, S, H, d] → [B, T, H, d]. The bias broadcasts to [B, H, T, S];
    /// −∞ hides a key from a query, but each query needs one that it sees. Training works the softmax out a second time instead of keeping it.
    /// </summary>
    public static Tensor Attention(this Tensor q, Tensor k, Tensor v, Tensor? bias = null) =>
        q.Graph.Add("Attention", q, k, v, q.Like(1 / Math.Sqrt(q.Shape[3].Value)), bias ?? q.Like(0));

    private static TensorType InferSoftmax(Node n)
    {
        n.Axis(-1);
        return new TensorType(n[0].Type, n[0].Shape);
    }

    private static TensorType[] InferLayerNormalization(Node n)
    {
        var x = n[0];
        var axis = n.Axis(-1);
        Shape normalized = new([.. x.Shape.Skip(axis)]), kept = new([.. x.Shape.Select((d, i) => i < axis ? d : 1)]);
        foreach (var parameter in n.Inputs.Skip(1).OfType<Tensor>())
            if (!normalized.Equals(Shape.Broadcast(normalized, parameter.Shape))) throw n.Wrong($"scale and bias must fit the normalised axes {normalized}");
        return [new(x.Type, x.Shape), new(ElementType.Float32, kept), new(ElementType.Float32, kept)];
    }

    private static Tensor?[] SoftmaxGradient(Node n, Tensor dy)
    {
        var axis = n.Axis(-1);
        return [n.Y.Type == ElementType.Float32 && axis == n.Y.Rank - 1 ? n.Y.SoftmaxGradient(dy) : Fused.StandardSoftmaxGradient(n.Y, dy, axis)];
    }

    private static Tensor?[] LayerNormalizationGradient(Node n, IReadOnlyList<Tensor?> outputs)
    {
        var (x, scale, dy) = (n[0], n[1], outputs[0]!);
        if (x.Type == ElementType.Float32 && n.Axis(-1) == x.Rank - 1 && scale.Rank == 1 && scale.Shape[0] == x.Shape[^1] && n.Optional(2)?.Shape.Equals(scale.Shape) != false)
            return [.. x.LayerNormalizationGradient(scale, n.Outputs[1], n.Outputs[2], dy).Take(n.Inputs.Count)];
        int[] axes = [.. Enumerable.Range(0, x.Rank).Skip(n.Axis(-1))];
        var (dx, dyNormalized) = Fused.StandardLayerNormalizationGradient(x, scale, n.Outputs[1], n.Outputs[2], dy, axes);
        return [dx, dyNormalized.SumTo(scale), n.Optional(2) is { } bias ? dy.SumTo(bias) : null];
    }

    private static TensorType InferBatchNormalization(Node n)
    {
        for (var i = 1; i <= 4; i++)
            if (!n[i].Shape.Equals([n[0].Shape[1]])) throw n.Wrong($"scale, bias, mean and variance need one element per channel, {n[0].Shape[1]}");
        return new TensorType(n[0].Type, n[0].Shape);
    }

    // With fixed mean and variance, as in a trained network: only scale and bias learn.
    private static Tensor?[] BatchNormalizationGradient(Node n, Tensor dy)
    {
        var x = n[0];
        int[] others = [0, .. Enumerable.Range(2, x.Rank - 2)], spatial = [.. Enumerable.Range(1, x.Rank - 2)];
        Tensor PerChannel(Tensor parameter) => spatial.Length == 0 ? parameter : parameter.Unsqueeze(spatial);
        var inverseDeviation = (PerChannel(n[4]) + n.Attributes.Float("epsilon", 1e-5f)).Sqrt().Reciprocal();
        var normalized = (x - PerChannel(n[3])) * inverseDeviation;
        return [dy * (PerChannel(n[1]) * inverseDeviation), (dy * normalized).ReduceSum(others), dy.ReduceSum(others), null, null];
    }
}
