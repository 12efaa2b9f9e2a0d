using System.Numerics.Tensors;

namespace LmmRec.Graphs;

/// <summary>
/// Low-rank updates (LoRA, Hu et al., 2022): a weight W stays as it is and W + (α / rank) · B · A is used in its place, whatever reads it, so few numbers are
/// trained. B is zero at first: nothing changes before the first update.
/// </summary>
public static class LowRank
{
    /// <summary>A [rank, in] of a weight is named by the weight and this.</summary>
    public const string A = ".lora_a";

    /// <summary>B [out, rank] of a weight is named by the weight and this.</summary>
    public const string B = ".lora_b";

    private const string Scale = ".lora_scale"; // α / rank, a frozen scalar, so that a checkpoint says how to merge

    /// <summary>The graph with updates of the weights that are picked, which are frozen; all others stay as they are, and so does <paramref name="graph"/>.</summary>
    /// <param name="graph">the graph</param>
    /// <param name="picks">the weights, of two axes or more: the first is out, the others together are in</param>
    /// <param name="rank">from 1 to the smaller side of each weight</param>
    /// <param name="alpha">the scale of the updates times the rank, above 0</param>
    /// <exception cref="GraphException">Nothing is picked, or a parameter that has no such update.</exception>
    public static Graph Rewrite(Graph graph, Func<Parameter, bool> picks, int rank, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        if (alpha is not (> 0 and < double.PositiveInfinity)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "the scale of low-rank updates is a number above 0");
        var picked = graph.Parameters.Where(picks).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        if (picked.Count == 0) throw new GraphException($"no weight of graph '{graph.Name}' is picked for low-rank updates; it has: {string.Join(", ", graph.Parameters.Where(p => p.Tensor.Rank > 1).Select(p => p.Name))}");
        var copy = new GraphCopy(graph, new Graph(graph.Name));
        copy.Declare();
        foreach (var parameter in graph.Parameters.Where(p => picked.Contains(p.Name))) copy[parameter.Tensor] = Updated(Of(copy.Target, parameter.Name), rank, alpha);
        copy.Nodes();
        return copy.Named();
    }

    /// <summary>Gives the values of the parameters that the graph had before it was rewritten: weights with their updates added, and the others.</summary>
    /// <param name="rewritten">what <see cref="Rewrite"/> gave</param>
    /// <param name="values">of its parameters, by name</param>
    public static Func<string, TensorData> Merge(Graph rewritten, Func<string, TensorData> values)
    {
        var updated = rewritten.Parameters.Where(p => p.Name.EndsWith(A, StringComparison.Ordinal)).Select(p => p.Name[..^A.Length]).ToHashSet(StringComparer.Ordinal);
        if (updated.Count == 0) throw new GraphException($"graph '{rewritten.Name}' has no low-rank updates to merge");
        return name => updated.Contains(name) ? Merged(values(name), values(name + A), values(name + B), values(name + Scale).As<float>()[0]) : values(name);
    }

    private static Tensor Updated(Parameter weight, int rank, double alpha)
    {
        var (g, w) = (weight.Tensor.Graph, weight.Tensor);
        if (w.Rank < 2 || w.Type != ElementType.Float32) throw new GraphException($"parameter '{weight.Name}' is {w.Type} {w.Shape}; low-rank updates are for Float32 weights of two axes or more");
        var (rows, columns) = (w.Shape[0].Value, w.Shape.Size.Value / w.Shape[0].Value);
        if (rank > Math.Min(rows, columns)) throw new GraphException($"a low-rank update of '{weight.Name}' {w.Shape} has a rank from 1 to {Math.Min(rows, columns)}, not {rank}");
        weight.Trainable = false;
        var a = g.Parameter(weight.Name + A, [rank, columns], Initializers.Linear(columns));
        var b = g.Parameter(weight.Name + B, [rows, rank], Initializers.Zeros);
        var scale = g.Parameter(weight.Name + Scale, TensorData.Scalar((float)(alpha / rank)), trainable: false);
        using var scope = g.Scope(weight.Name + ".lora");
        var update = b.MatMul(a) * scale; // [out, in]
        return w + (w.Rank == 2 ? update : update.Reshape(w.Shape));
    }

    private static TensorData Merged(TensorData weight, TensorData a, TensorData b, float scale)
    {
        float[] result = [.. weight.As<float>()], first = a.As<float>(), second = b.As<float>();
        var (rank, columns) = ((int)a.Shape[0], (int)a.Shape[1]);
        for (var row = 0; row < second.Length / rank; row++)
        {
            var sums = result.AsSpan(row * columns, columns);
            for (var k = 0; k < rank; k++) TensorPrimitives.MultiplyAdd(first.AsSpan(k * columns, columns), scale * second[row * rank + k], sums, sums);
        }
        return TensorData.Of(result, weight.Shape);
    }

    private static Parameter Of(Graph graph, string name) => graph.Parameters.First(p => p.Name == name);
}
