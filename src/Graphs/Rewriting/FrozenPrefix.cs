namespace LmmRec.Graphs;

/// <summary>A graph in two, so that what is not trained is computed once per item and kept.</summary>
/// <param name="Prefix">inputs and frozen parameters in, the tensors of <paramref name="Kept"/> out; without outputs where nothing is kept</param>
/// <param name="Rest">what is left, with the kept tensors as inputs; it has the outputs that were asked for and the parameters that they need</param>
/// <param name="Kept">the names of the kept tensors, whose first axis is the items'; empty where no frozen parameter is used before a trained one</param>
public sealed record FrozenPrefix(Graph Prefix, Graph Rest, IReadOnlyList<string> Kept)
{
    // Dearer than to read the result from disk. What else there is, such as norms and masks, is made again.
    private static readonly HashSet<string> Dear = ["MatMul", "Gemm", "Conv", "ConvTranspose", "Attention", "MatMulInteger", .. OwnProducts.Forms.Select(f => f.Name)];

    /// <summary>
    /// Splits <paramref name="graph"/>, which stays as it is. Kept is what comes out of frozen parameters and inputs and is read by what is trained, once per
    /// matrix of tokens: norms of it, masks and biases of positions are made again in the rest, from inputs that both parts then have.
    /// </summary>
    /// <param name="graph">the graph before gradients are added</param>
    /// <param name="outputs">the outputs of the rest, such as losses and vectors</param>
    /// <exception cref="GraphException">The graph has no such output.</exception>
    public static FrozenPrefix Split(Graph graph, IReadOnlyList<string> outputs)
    {
        var roots = graph.ValuesOf(outputs);
        var trained = From(graph, graph.Parameters.Where(p => p.Trainable).Select(p => p.Tensor));
        var stored = From(graph, graph.Parameters.Select(p => p.Tensor));
        var frozen = stored.Except(trained).Intersect(From(graph, graph.Inputs)).ToHashSet();
        var items = graph.Inputs.Where(i => i.Rank > 0 && !i.Shape[0].IsFixed).Select(i => i.Shape[0]).ToHashSet();
        var kept = GraphPart.Needed(roots, MayBeKept).Where(MayBeKept).ToHashSet();
        foreach (var value in graph.Nodes.Reverse().SelectMany(n => n.Outputs).Where(kept.Contains).ToList())
            if (IsMadeAgain(value)) kept.Remove(value);
        var needed = GraphPart.Needed(roots, kept.Contains);
        var read = graph.Nodes.SelectMany(n => n.Outputs).Where(v => kept.Contains(v) && needed.Contains(v)).Select((value, i) => (Name: $"kept_{i}", Value: value)).ToList();
        return new FrozenPrefix(graph.Part(read, []), graph.Part(outputs.Zip(roots), read), read.ConvertAll(r => r.Name));

        bool MayBeKept(Tensor value) => frozen.Contains(value) && value.Rank > 0 && items.Contains(value.Shape[0]);

        bool IsPerItem(Tensor value) => frozen.Contains(value) && value.Shape.Any(d => items.Any(d.Mentions)); // the tokens of all items in one axis, too

        // Whether cheap nodes make a value from others that are kept, from inputs, and from parameters such as a norm's.
        bool IsMadeAgain(Tensor value) => value.Producer is { } node && !IsDear(node) && node.Inputs.OfType<Tensor>().All(input =>
            IsPerItem(input) ? kept.Contains(input) || IsMadeAgain(input) : !frozen.Contains(input) || GraphPart.Needed([input], MayBeKept).Where(MayBeKept).All(kept.Contains));

        bool IsDear(Node node) => Dear.Contains(node.Operator.Name) || (node.Operator.Name == "Gather" && stored.Contains(node[0])); // a table of words is large
    }

    // All values that depend on the given ones, and these.
    private static HashSet<Tensor> From(Graph graph, IEnumerable<Tensor> values)
    {
        var found = new HashSet<Tensor>(values);
        foreach (var node in graph.Nodes)
            if (node.Inputs.Any(i => i is not null && found.Contains(i))) found.UnionWith(node.Outputs);
        return found;
    }
}
