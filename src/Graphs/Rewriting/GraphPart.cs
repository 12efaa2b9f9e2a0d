namespace LmmRec.Graphs;

/// <summary>Graphs made of a part of another.</summary>
public static class GraphPart
{
    /// <summary>A graph of what some outputs of <paramref name="graph"/> need, and of nothing else: inputs, parameters, nodes. It stays as it is.</summary>
    /// <param name="graph">the whole</param>
    /// <param name="outputs">the names of the outputs</param>
    /// <param name="rename">the new name of a parameter</param>
    /// <exception cref="GraphException">The graph has no such output.</exception>
    public static Graph Part(this Graph graph, IReadOnlyList<string> outputs, Func<string, string> rename) => graph.Part(outputs.Zip(graph.ValuesOf(outputs)), [], rename);

    /// <summary>A graph of what some values need, in which given ones are inputs.</summary>
    /// <param name="graph">the whole</param>
    /// <param name="outputs">the values, and their names as outputs</param>
    /// <param name="inputs">the given ones, and their names as inputs</param>
    /// <param name="rename">the new name of a parameter; null: its own</param>
    internal static Graph Part(this Graph graph, IEnumerable<(string Name, Tensor Value)> outputs, IReadOnlyList<(string Name, Tensor Value)> inputs, Func<string, string>? rename = null)
    {
        var given = inputs.Select(i => i.Value).ToHashSet();
        var needed = Needed(outputs.Select(o => o.Value), given.Contains);
        var copy = new GraphCopy(graph, new Graph(graph.Name), needed);
        foreach (var (name, value) in inputs) copy[value] = copy.Target.Input(name, value.Type, value.Shape);
        if (rename is not null)
            foreach (var parameter in graph.Parameters.Where(p => needed.Contains(p.Tensor)))
                copy[parameter.Tensor] = copy.Target.Parameter(rename(parameter.Name), parameter.RequiredValue, parameter.Trainable);
        copy.Declare();
        copy.Nodes();
        foreach (var (name, value) in outputs) copy.Target.Output(name, copy[value]);
        return copy.Target;
    }

    /// <summary>The values of outputs.</summary>
    /// <exception cref="GraphException">The graph has no such output.</exception>
    internal static IReadOnlyList<Tensor> ValuesOf(this Graph graph, IEnumerable<string> outputs) => [.. outputs.Select(name => graph.Outputs.TryGetValue(name, out var value)
        ? value : throw new GraphException($"graph '{graph.Name}' has no output '{name}'; it has: {string.Join(", ", graph.Outputs.Keys)}"))];

    /// <summary>All values that the given ones are made of, back to those at which it ends, and these.</summary>
    internal static HashSet<Tensor> Needed(IEnumerable<Tensor> values, Func<Tensor, bool> ends)
    {
        var (found, open) = (new HashSet<Tensor>(), new Stack<Tensor>(values));
        while (open.TryPop(out var value))
            if (found.Add(value) && !ends(value) && value.Producer is { } node)
                foreach (var input in node.Inputs.OfType<Tensor>()) open.Push(input);
        return found;
    }
}
