namespace LmmRec.Graphs;

/// <summary>
/// Replaces pairs of nodes by one operator that does both, one rule per entry of the table, and products of large matrices by operators of the
/// library's own, in a graph that is about to be written.
/// </summary>
internal static class Rewrites
{
    /// <summary>
    /// A node of operator <paramref name="Second"/> takes over the node of operator <paramref name="First"/> that computes one of its two inputs, when
    /// nothing else reads that. <paramref name="Join"/> gives operator and inputs of the one node, from the first node and the second's other input.
    /// </summary>
    private sealed record Rule(string Second, string First, Func<Node, Tensor, (string Operator, Tensor?[] Inputs)?> Join);

    private static readonly Rule[] Table =
    [
        new("Add", "SpMM", (product, other) => other.Shape.Equals(product.Y.Shape) ? ("SpMMAdd", [.. product.Inputs, other]) : null),
        new("Add", "RowScatter", (rows, other) => other.Shape.Equals(rows.Y.Shape) ? ("RowScatterAdd", [.. rows.Inputs, other]) : null),
    ];

    /// <summary>The nodes after all rewrites, in an order in which they can run.</summary>
    /// <param name="nodes">all nodes</param>
    /// <param name="outputs">of the graph</param>
    /// <param name="written">gives the value that stands for an input</param>
    /// <param name="parameters">what weights become</param>
    public static List<Node> Apply(IReadOnlyList<Node> nodes, IEnumerable<Tensor> outputs, Func<Tensor, Tensor> written, ParametersAs parameters)
    {
        var readers = nodes.SelectMany(n => n.Inputs).Concat(outputs).OfType<Tensor>().CountBy(written).ToDictionary();
        var absorbed = new HashSet<Node>();
        var result = new List<Node>();
        foreach (var node in nodes) result.Add(Joined(node, readers, absorbed, written) ?? (parameters == ParametersAs.Inputs ? LargeProduct(node) : null) ?? node);
        result.RemoveAll(absorbed.Contains);
        return result;
    }

    private static Node? LargeProduct(Node node) => node.Operator.Name == "Gemm" && LargeProducts.Instead(node) is { } name
        ? new Node(Operators.Table[name], node.Name, node.Inputs, Attributes.None, 1) { Outputs = node.Outputs }
        : null;

    private static Node? Joined(Node second, Dictionary<Tensor, int> readers, HashSet<Node> absorbed, Func<Tensor, Tensor> written)
    {
        foreach (var rule in Table.Where(rule => rule.Second == second.Operator.Name))
            for (var i = 0; i < 2; i++)
            {
                var between = written(second[i]);
                if (between.Producer is not { } first || first.Operator.Name != rule.First || readers[between] > 1) continue;
                if (rule.Join(first, second[1 - i]) is not var (name, inputs)) continue;
                absorbed.Add(first);
                return new Node(Operators.Table[name], second.Name, inputs, Attributes.None, 1) { Outputs = second.Outputs };
            }
        return null;
    }
}
