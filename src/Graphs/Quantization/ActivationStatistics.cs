using System.Numerics.Tensors;

namespace LmmRec.Graphs;

/// <summary>What samples say about an activation [… , d].</summary>
/// <param name="Largest">[d], the largest magnitude of each column</param>
/// <param name="Moments">[d × d], Σ xᵀx over all rows</param>
internal sealed record ActivationStatistics(float[] Largest, float[] Moments)
{
    /// <summary>Runs <paramref name="samples"/> through the graph, which itself sums up what its activations are.</summary>
    public static IReadOnlyDictionary<Tensor, ActivationStatistics> Of(Graph graph, IReadOnlyList<Tensor> activations, IEnumerable<Batch> samples)
    {
        var copy = GraphCopy.Of(graph);
        for (var i = 0; i < activations.Count; i++)
        {
            var x = copy[activations[i]];
            var rows = x.Flatten(x.Rank - 1);
            copy.Target.Output(Largest(i), rows.Abs().ReduceMax([0]));
            copy.Target.Output(Moments(i), rows.Gemm(rows, transA: true));
        }
        using var model = InferenceModel.Open(copy.Target);
        var sums = new Dictionary<Tensor, ActivationStatistics>();
        foreach (var batch in samples)
        {
            var outputs = model.Run(batch);
            for (var i = 0; i < activations.Count; i++)
            {
                var (largest, moments) = (outputs[Largest(i)].As<float>(), outputs[Moments(i)].As<float>());
                if (sums.TryAdd(activations[i], new(largest, moments))) continue;
                var sum = sums[activations[i]];
                TensorPrimitives.Max(sum.Largest, largest, sum.Largest);
                TensorPrimitives.Add(sum.Moments, moments, sum.Moments);
            }
        }
        return sums.Count > 0 ? sums : throw new GraphException($"graph '{graph.Name}' is to be rounded after samples, and there are none");

        static string Largest(int i) => $"activation {i}, largest";
        static string Moments(int i) => $"activation {i}, moments";
    }
}
