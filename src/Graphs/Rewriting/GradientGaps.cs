namespace LmmRec.Graphs;

/// <summary>Operators without a gradient between what is trained and the results.</summary>
public static class GradientGaps
{
    /// <summary>The first node without gradient between a trainable parameter and an output, with its operator; null: there is none.</summary>
    public static (string Node, string Operator)? GradientGap(this Graph graph) => Gap(graph) is { } node ? (node.Name, node.Operator.Name) : null;

    /// <summary>The error of a node without gradient.</summary>
    /// <param name="node">the node</param>
    /// <param name="graph">its graph</param>
    /// <param name="nodes">the graph's nodes, without those of gradients</param>
    /// <param name="results">what gradients are taken of</param>
    internal static GraphException Error(Node node, Graph graph, IReadOnlyList<Node> nodes, IReadOnlySet<Tensor> results)
    {
        var alive = Before(results, nodes);
        var closed = Before(nodes.Where(n => IsGap(n) && n.Outputs.Any(alive.Contains)).SelectMany(n => n.Inputs).OfType<Tensor>().Where(i => i.Type.IsFloat()).ToHashSet(), nodes);
        var blocks = Blocks.Of(graph, nodes);
        var open = graph.Parameters.Where(p => alive.Contains(p.Tensor)).ToLookup(p => blocks.Of(p.Name), p => !closed.Contains(p.Tensor));
        return node.Wrong($"has no gradient rule, and lies between a trained parameter and {string.Join(" and ", results.Select(r => $"'{r.Name}'"))}; "
            + $"to be trained nevertheless: {(blocks.Towers.Select(Behind).OfType<string>().ToList() is { Count: > 0 } parts ? string.Join(", ", parts) : "nothing")}. Freeze the rest (trainable: false), detach it, or add a rule to the operator table");

        string? Behind((string Name, int Blocks) tower)
        {
            var last = Enumerable.Range(1, tower.Blocks).TakeWhile(depth => open[new BlockPlace(tower.Name, tower.Blocks, tower.Blocks - depth)] is var block && block.Any() && block.All(isOpen => isOpen)).Count();
            var head = open[new BlockPlace(tower.Name, tower.Blocks, tower.Blocks)].Any(isOpen => isOpen);
            var named = tower.Name == Blocks.Whole ? "" : $" of '{tower.Name}'";
            return last == tower.Blocks ? $"all {last} blocks{named}"
                : last > 0 ? $"the last {last} of {tower.Blocks} blocks{named}{(head ? " and what comes behind them" : "")}"
                : head ? $"what comes behind the blocks{named}"
                : null;
        }
    }

    private static Node? Gap(Graph graph)
    {
        var depends = Differentiation.DependentsOf(graph.Parameters.Where(p => p.Trainable).Select(p => p.Tensor), graph.Nodes);
        var before = Before(ResultsOf(graph), graph.Nodes);
        return graph.Nodes.FirstOrDefault(n => IsGap(n) && n.Outputs.Any(before.Contains) && n.Inputs.Any(i => i is not null && depends.Contains(i)));
    }

    private static HashSet<Tensor> ResultsOf(Graph graph) => graph.Outputs.Values.Where(o => o.Type.IsFloat()).ToHashSet();

    private static bool IsGap(Node node) => node.Operator is { Gradient: null, EndsGradient: false };

    // All values on which the given ones depend along paths on which gradients flow, and these.
    private static HashSet<Tensor> Before(IReadOnlySet<Tensor> values, IReadOnlyList<Node> nodes)
    {
        var found = new HashSet<Tensor>(values);
        foreach (var node in nodes.Reverse())
            if (!node.Operator.EndsGradient && node.Outputs.Any(found.Contains)) found.UnionWith(node.Inputs.OfType<Tensor>());
        return found;
    }
}
