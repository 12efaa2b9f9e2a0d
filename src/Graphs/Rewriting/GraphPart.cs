namespace LmmRec.Graphs;

/// <summary>Graphs made of a part of another.</summary>
public static class GraphPart
{
    /// <summary>A graph of what some outputs of <paramref name="graph"/> need, and of nothing else: inputs, parameters, nodes. It stays as it is.</summary>
    /// <param name="graph">the whole</param>
    /// <param name="outputs">the names of the outputs</param>
    /// <param name="rename">the new name of a parameter</param>
    /// <exception cref="GraphException">The graph has no such output.</exception>
    public static Graph Part(this Graph graph, IReadOnlyList<string> outputs, Func<string, string> rename)
    {
        var wanted = outputs.Select(name => graph.Outputs.TryGetValue(name, out var output)
            ? output : throw new GraphException($"graph '{graph.Name}' has no output '{name}'; it has: {string.Join(", ", graph.Outputs.Keys)}")).ToList();
        var needed = wanted.ToHashSet();
        foreach (var node in graph.Nodes.Reverse())
            if (node.Outputs.Any(needed.Contains)) needed.UnionWith(node.Inputs.OfType<Tensor>().Concat(node.Outputs));
        var copy = new GraphCopy(graph, new Graph(graph.Name), needed);
        foreach (var parameter in graph.Parameters.Where(p => needed.Contains(p.Tensor)))
            copy[parameter.Tensor] = copy.Target.Parameter(rename(parameter.Name), parameter.RequiredValue, parameter.Trainable);
        copy.Declare();
        copy.Nodes();
        foreach (var (name, value) in outputs.Zip(wanted)) copy.Target.Output(name, copy[value]);
        return copy.Target;
    }
}
