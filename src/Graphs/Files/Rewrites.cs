namespace LmmRec.Graphs;

/// <summary>
/// Replaces pairs of nodes by one operator that does both, one rule per entry of the table, and products of matrices by operators of the
/// library's own, in a graph that is about to be written.
/// </summary>
internal static class Rewrites
{
    /// <summary>
    /// A node of operator <paramref name="Second"/> takes over the node of operator <paramref name="First"/> that computes one of its two inputs.
    /// <paramref name="Join"/> gives operator and inputs of the one node, from the first node and the second's other input.
    /// </summary>
    private sealed record Rule(string Second, string First, Func<Node, Tensor, (string Operator, Tensor?[] Inputs)?> Join)
    {
        /// <summary>Whether the first is work that must not be done twice: the rule then holds only where nothing else reads it.</summary>
        public bool IsWork { get; init; } = true;
    }

    private static readonly Rule[] Table =
    [
        new("Add", "SpMM", (product, other) => other.Shape.Equals(product.Y.Shape) ? ("SpMMAdd", [.. product.Inputs, other]) : null),
        new("Add", "RowScatter", (rows, other) => other.Shape.Equals(rows.Y.Shape) ? ("RowScatterAdd", [.. rows.Inputs, other]) : null),
        new("Mul", "Expand", (expand, other) => other.Shape.Equals(expand.Y.Shape) ? ("Mul", [expand[0], other]) : null) { IsWork = false }, // Mul broadcasts
    ];

    /// <summary>The nodes after all rewrites, in an order in which they can run, those that became dead among them.</summary>
    /// <param name="nodes">all nodes</param>
    /// <param name="outputs">of the graph</param>
    /// <param name="written">gives the value that stands for an input</param>
    public static IEnumerable<Node> Apply(IReadOnlyList<Node> nodes, IEnumerable<Tensor> outputs, Func<Tensor, Tensor> written)
    {
        var readers = nodes.SelectMany(n => n.Inputs).Concat(outputs).OfType<Tensor>().CountBy(written).ToDictionary();
        return nodes.Select(node => Joined(node, readers, written) ?? OwnProducts.Instead(node, written) ?? node);
    }

    private static Node? Joined(Node second, Dictionary<Tensor, int> readers, Func<Tensor, Tensor> written)
    {
        foreach (var rule in Table.Where(rule => rule.Second == second.Operator.Name))
            for (var i = 0; i < 2; i++)
            {
                var between = written(second[i]);
                if (between.Producer is not { } first || first.Operator.Name != rule.First || (rule.IsWork && readers[between] > 1)) continue;
                if (rule.Join(first, second[1 - i]) is not var (name, inputs)) continue;
                return new Node(Operators.Table[name], second.Name, inputs, Attributes.None, 1) { Outputs = second.Outputs };
            }
        return null;
    }
}
