namespace LmmRec.Graphs;

/// <summary>Graphs as parts of others.</summary>
public static class Insertion
{
    /// <summary>
    /// Copies the nodes of <paramref name="other"/> into <paramref name="graph"/>, where they compute on <paramref name="inputs"/>, and gives its outputs by
    /// name; they are no outputs of the graph yet. Parameters of one name are shared, with the trainability that the graph's has; blocks that are
    /// recomputed stay such blocks.
    /// </summary>
    /// <param name="graph">takes the nodes</param>
    /// <param name="other">stays as it is</param>
    /// <param name="inputs">of the graph, for all inputs of the other, by name</param>
    /// <exception cref="GraphException">An input is missing, unknown or does not fit, or a parameter has another type, shape or values.</exception>
    public static IReadOnlyDictionary<string, Tensor> Insert(this Graph graph, Graph other, IReadOnlyDictionary<string, Tensor> inputs)
    {
        if (inputs.Keys.FirstOrDefault(name => !other.Inputs.Any(i => i.Name == name)) is { } unknown)
            throw new GraphException($"graph '{other.Name}' has no input '{unknown}'; it has: {string.Join(", ", other.Inputs.Select(i => i.Name))}");
        var copy = new GraphCopy(other, graph);
        foreach (var input in other.Inputs)
        {
            if (!inputs.TryGetValue(input.Name, out var given)) throw new GraphException($"graph '{other.Name}' is inserted into '{graph.Name}' without a value for its input '{input.Name}'");
            if (given.Type != input.Type || given.Rank != input.Rank || given.Shape.Zip(input.Shape).Any(d => d.First.IsFixed && d.Second.IsFixed && d.First != d.Second))
                throw new GraphException($"input '{input.Name}' of graph '{other.Name}' is {input.Type} {input.Shape}; it cannot be '{given.Name}', {given.Type} {given.Shape}");
            copy[input] = given;
        }
        copy.Declare();
        copy.Nodes();
        return other.Outputs.ToDictionary(o => o.Key, o => copy[o.Value], StringComparer.Ordinal);
    }
}
