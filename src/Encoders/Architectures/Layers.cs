using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>The layers that transformers are made of, over parameters that are found by name: the first use adds a parameter to the graph, later ones share it.</summary>
/// <param name="graph">the graph</param>
/// <param name="values">of parameters, by name, in 32 bits or in 16, which the graph widens; null, or not among them: they have none yet</param>
internal sealed class Layers(Graph graph, IReadOnlyDictionary<string, TensorData>? values = null)
{
    private readonly Dictionary<string, Tensor> _parameters = new(StringComparer.Ordinal);

    public Graph Graph => graph;

    /// <summary>The parameter <paramref name="name"/> of the given shape.</summary>
    public Tensor Parameter(string name, Initializer initializer, params ReadOnlySpan<long> shape)
    {
        if (!_parameters.TryGetValue(name, out var parameter))
            _parameters[name] = parameter = values?.GetValueOrDefault(name) is { } value ? Widened(name, value, shape) : graph.Parameter(name, Shape.Of(shape), initializer);
        return parameter;
    }

    private Tensor Widened(string name, TensorData value, ReadOnlySpan<long> shape)
    {
        if (!shape.SequenceEqual(value.Shape)) throw new GraphException($"the weights of '{name}' are [{string.Join(", ", value.Shape)}]; the card wants {Shape.Of(shape)}");
        var stored = graph.Parameter(name, value);
        return stored.Type == ElementType.Float32 ? stored : stored.Cast(ElementType.Float32);
    }

    /// <summary>x Wᵀ + b with parameters name.weight [out, in] and name.bias [out].</summary>
    public Tensor Linear(Tensor x, string name, long outputs, Initializer initializer, bool bias = true) =>
        Linear(x, $"{name}.weight", bias ? $"{name}.bias" : null, outputs, initializer);

    /// <summary>x Wᵀ + b with parameters of any names.</summary>
    public Tensor Linear(Tensor x, string weight, string? bias, long outputs, Initializer initializer)
    {
        var b = bias is null ? null : Parameter(bias, Initializers.Zeros, outputs);
        return x.Linear(Parameter(weight, initializer, outputs, x.Shape[^1].Value), b);
    }

    /// <summary>Layer normalisation with parameters name.weight and name.bias.</summary>
    public Tensor LayerNorm(Tensor x, string name, double epsilon)
    {
        var width = x.Shape[^1].Value;
        return x.LayerNormalization(Parameter($"{name}.weight", Initializers.Ones, width), Parameter($"{name}.bias", Initializers.Zeros, width), (float)epsilon);
    }

    /// <summary>A row of the table <paramref name="name"/> for each id: [B, T] → [B, T, width].</summary>
    public Tensor Embedding(Tensor ids, string name, long rows, long width, Initializer initializer) => Parameter(name, initializer, rows, width)[ids];

    /// <summary>Pictures as rows of patches, top left first, by a convolution whose stride is the patch: [B, 3, S, S] → [B, (S/P)², width].</summary>
    public Tensor Patches(Tensor pixels, string name, int patch, long width, Initializer initializer, bool bias)
    {
        var weight = Parameter($"{name}.weight", initializer, width, 3, patch, patch);
        var grid = pixels.Conv(weight, bias ? Parameter($"{name}.bias", Initializers.Zeros, width) : null, stride: patch); // [B, W, S/P, S/P]
        return grid.Reshape([grid.Shape[0], width, grid.Shape[2] * grid.Shape[3]]).Transpose(0, 2, 1);                        // [B, N, W]
    }

    /// <summary>Puts the vector <paramref name="token"/> [W] before each row of <paramref name="x"/>: [B, N, W] → [B, N + 1, W].</summary>
    public Tensor Prepend(Tensor token, Tensor x) => graph.Concat(1, token.Expand(x.Slice(1, 0, 1).ShapeTensor()), x);

    /// <summary>Position <paramref name="index"/> of each row: [B, T, W] → [B, W].</summary>
    public static Tensor Position(Tensor x, int index) => x.Slice(1, index, index + 1).Squeeze(1);

    /// <summary>What attention adds so that padding is not looked at: 0, or −∞ for padding. A mask [B, T] → [B, 1, 1, T].</summary>
    public static Tensor PaddingMask(Tensor mask) => mask.Graph.Scalar(0).Where(mask.Greater(0), double.NegativeInfinity).Unsqueeze(1, 2);

    /// <summary>softmax(q kᵀ / √d + bias) v per head, heads side by side.</summary>
    /// <param name="q">[B, T, W], before scaling</param>
    /// <param name="k">[B, T, W]</param>
    /// <param name="v">[B, T, W]</param>
    /// <param name="heads">number of heads; d = W / heads</param>
    /// <param name="bias">added to the logits, broadcast to [B, heads, T, T]; null: nothing</param>
    public static Tensor Attention(Tensor q, Tensor k, Tensor v, int heads, Tensor? bias)
    {
        var width = q.Shape[2].Value;
        var split = q.Graph.Integers(0, 0, heads, width / heads);                                                     // 0: as many as before
        return q.Reshape(split).Attention(k.Reshape(split), v.Reshape(split), bias).Reshape(q.Graph.Integers(0, 0, width));
    }
}
