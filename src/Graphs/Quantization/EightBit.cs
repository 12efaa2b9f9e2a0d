namespace LmmRec.Graphs;

/// <summary>
/// A graph whose linear layers compute with 8-bit integers, for inference (docs/encoders.md#8-bits). Weights are rounded once, by a scale per column;
/// activations as they come, by a scale and a zero per row, so that no row depends on another. All else stays in floats, convolutions and products of
/// two activations too.
/// </summary>
public static class EightBit
{
    /// <summary>
    /// The graph <paramref name="graph"/> in 8 bits; it stays as it is. The same graph and samples give the same bytes.
    /// </summary>
    /// <param name="graph">its parameters have values</param>
    /// <param name="samples">
    /// batches like those that the graph will run, some 64 items in all: they say which columns of activations are large, and how a weight's rounding
    /// is made up for by that of others. Null: weights are rounded to the nearest, which is less exact.
    /// </param>
    /// <exception cref="GraphException">The graph has no linear layer, or a parameter has no value.</exception>
    public static Graph Rewrite(Graph graph, IEnumerable<Batch>? samples = null)
    {
        var layers = LinearLayer.Of(graph);
        if (layers.Count == 0) throw new GraphException($"graph '{graph.Name}' has no product of an activation with a stored matrix, so there is nothing to compute in 8 bits");
        var groups = layers.GroupBy(layer => layer.X).ToList();
        var statistics = samples is null ? null : ActivationStatistics.Of(graph, [.. groups.Select(group => group.Key)], samples);
        var rounded = groups.SelectMany(group => RoundedLayer.Of([.. group], statistics?[group.Key])).ToDictionary(r => r.Layer.Last);
        var rows = new Dictionary<Tensor, IReadOnlyList<Tensor>>();
        var copy = new GraphCopy(graph, new Graph(graph.Name));
        copy.Declare();
        copy.Nodes(node =>
        {
            if (!rounded.TryGetValue(node, out var layer)) return null;
            var x = layer.Layer.X;
            if (!rows.TryGetValue(x, out var quantized)) rows[x] = quantized = copy[x].QuantizeRows(copy.Target.Constant(layer.Factors));
            using (copy.Target.Scope(node.Name)) return [layer.Apply(quantized)];
        });
        return copy.Named();
    }
}
