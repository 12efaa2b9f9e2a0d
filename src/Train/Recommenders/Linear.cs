using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>A linear layer, x Wᵀ + b, its weight stored as PyTorch does.</summary>
/// <param name="Weight">[out × in]</param>
/// <param name="Bias">[out]</param>
public sealed record Linear(Tensor Weight, Tensor Bias)
{
    /// <summary>
    /// A layer whose bias, and where <paramref name="weights"/> is null whose weight, is drawn as PyTorch's default
    /// (docs/recommenders.md#initialisers).
    /// </summary>
    public static Linear Of(Graph g, string name, int from, int to, Initializer? weights = null) => new(
        g.Parameter($"{name}/weight", [to, from], weights ?? Initializers.Linear(from)),
        g.Parameter($"{name}/bias", [to], Initializers.Linear(from)));

    /// <summary>[n × in] → [n × out]</summary>
    public Tensor this[Tensor x] => x.Linear(Weight, Bias);

    /// <summary>The layer over several inputs side by side, which are not copied together: [n × a], [n × b] … → [n × out], a + b + … = in.</summary>
    public Tensor Over(params Tensor[] parts)
    {
        if (parts.Length == 1) return this[parts[0]];
        var weights = Weight.Split(1, [.. parts.Select(x => x.Shape[1].Value)]); // [out, a], [out, b], …
        return parts.Zip(weights).Aggregate(Bias, (sum, part) => part.First.Gemm(part.Second, sum, transB: true));
    }
}
