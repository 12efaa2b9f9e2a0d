namespace LmmRec.Graphs;

/// <summary>Less memory for training.</summary>
public static class Recomputing
{
    private const long Widest = 3; // times what a product reads: queries, keys and values at once are kept, the inner layer of a perceptron is not

    private static readonly string[] Views = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"];

    /// <summary>
    /// The graph with every block of <see cref="Blocks.Of(Graph)"/> in <see cref="Graph.Recomputed"/>; it stays as it is. Products with stored matrices are the
    /// dearest to compute again: their results are kept, but for the widest.
    /// </summary>
    public static Graph RecomputedByBlock(this Graph graph)
    {
        var blocks = Blocks.Of(graph);
        var (present, block) = ((BlockPlace?)null, new Block());
        var copy = new GraphCopy(graph, new Graph(graph.Name));
        copy.Declare();
        copy.Nodes(blockOf: node =>
        {
            if (blocks.Of(node) is not { IsEmbedding: false, IsHead: false } place) return null;
            if (place != present) (present, block) = (place, new Block()); // a tower that is passed twice has its blocks twice
            return block;
        });
        var stored = graph.Parameters.Select(p => p.Tensor).ToHashSet();
        var kept = new HashSet<Tensor>();
        foreach (var node in graph.Nodes)
            if (Views.Contains(node.Operator.Name) ? kept.Contains(node[0]) : IsKept(node))
            {
                kept.Add(node.Y);
                copy[node.Y].Kept();
            }
        return copy.Named();

        bool IsKept(Node node) => node.Operator.Name is "MatMul" or "Gemm" && stored.Contains(node[1])
            && node.Y.Shape[^1] is { IsFixed: true } columns && node[1].Shape.Size.Value / columns.Value * Widest >= columns.Value;
    }
}
