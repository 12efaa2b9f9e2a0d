namespace LmmRec.Graphs;

/// <summary>Which block the names of parameters and nodes speak of, and which values follow the graph's inputs.</summary>
internal sealed class BlockNames
{
    private readonly Dictionary<Tensor, (string Stack, int Number)> _stored = []; // parameters, and what is made of them alone
    private readonly Dictionary<Node, (string Stack, int Number)> _nodes = [];
    private readonly HashSet<Tensor> _fed;
    private readonly HashSet<Tensor> _parameters;

    public BlockNames(Graph graph, IReadOnlyList<Node> nodes)
    {
        (_fed, _parameters) = ([.. graph.Inputs], [.. graph.Parameters.Select(p => p.Tensor)]);
        foreach (var parameter in graph.Parameters)
            if (Blocks.Parse(parameter.Name) is { } name) _stored[parameter.Tensor] = name;
        var stacks = _stored.Values.Select(n => n.Stack).ToHashSet(StringComparer.Ordinal);
        var hasModules = nodes.Any(node => Known(node.Name) is not null);
        foreach (var node in nodes)
        {
            var inputs = node.Inputs.OfType<Tensor>().ToList();
            var name = inputs.Where(_stored.ContainsKey).Select(i => ((string Stack, int Number)?)_stored[i]).FirstOrDefault();
            if (inputs.Exists(_fed.Contains))
            {
                _fed.UnionWith(node.Outputs);
                // Exporters store equal weights of several modules once, under one's name: where nodes are named by their modules, that counts.
                var own = hasModules && node.Name.Contains('/', StringComparison.Ordinal) ? Known(node.Name) : name;
                if (own is { } block) _nodes[node] = block;
            }
            else if (inputs.Exists(_parameters.Contains))
            {
                _parameters.UnionWith(node.Outputs);
                if (name is { } stored)
                    foreach (var output in node.Outputs) _stored[output] = stored;
            }
        }

        (string Stack, int Number)? Known(string node) => Blocks.Parse(node) is { } name && (stacks.Count == 0 || stacks.Contains(name.Stack)) ? name : null;
    }

    /// <summary>All blocks that are spoken of, by the names of their stacks.</summary>
    public IEnumerable<(string Stack, int Number)> All => _stored.Values.Concat(_nodes.Values);

    public (string Stack, int Number)? Of(Tensor stored) => _stored.TryGetValue(stored, out var name) ? name : null;

    public (string Stack, int Number)? Of(Node node) => _nodes.TryGetValue(node, out var name) ? name : null;

    /// <summary>Whether a node computes on what the graph is fed.</summary>
    public bool IsFed(Node node) => node.Outputs.Any(_fed.Contains);

    /// <summary>Whether a value is a parameter or made of parameters alone.</summary>
    public bool IsStored(Tensor? value) => value is not null && _parameters.Contains(value);
}
