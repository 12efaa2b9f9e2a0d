namespace LmmRec.Graphs;

/// <summary>
/// Activation recomputation (Chen et al., 2016): the backward pass computes the values inside a marked block again, from the block's inputs, so
/// that the forward pass need not keep them. ONNX Runtime is free in the order of nodes and would recompute all blocks early, or put weight
/// gradients off to the end and keep what they need; so each block's inputs get a zero added that depends on all gradients of the block after it.
/// </summary>
internal sealed class Recomputation(Graph graph)
{
    private readonly Dictionary<Node, Node> _copies = [];
    private readonly Dictionary<Tensor, Tensor> _values = [];
    private readonly List<Tensor> _sinceLastBlock = [];

    /// <summary>Marks what the next block has to wait for: the gradient of a parameter or input.</summary>
    public void Finished(Tensor gradient) => _sinceLastBlock.Add(gradient);

    /// <summary>The node whose values the gradient rule of <paramref name="node"/> reads: itself, or in a marked block its copy.</summary>
    /// <param name="node">the node that the backward pass has come to</param>
    /// <param name="gradients">of its outputs</param>
    public Node For(Node node, IEnumerable<Tensor?> gradients)
    {
        if (node.Block is null) return node;
        if (!_copies.ContainsKey(node)) Repeat(node.Block, [.. gradients.OfType<Tensor>(), .. _sinceLastBlock]);
        return _copies[node];
    }

    private void Repeat(Block block, IEnumerable<Tensor> after)
    {
        var zero = ZeroAfter([.. after]);
        _sinceLastBlock.Clear();
        foreach (var node in block.Nodes)
        {
            var inputs = node.Inputs.Select(input => input is null ? null : Again(input, block, zero)).ToList();
            if (node.Outputs.All(block.Kept.Contains))
            {
                _copies[node] = new Node(node.Operator, node.Name, inputs, node.Attributes, node.OutputCount) { Outputs = node.Outputs }; // what a rule reads; in no graph
                continue;
            }
            var outputs = graph.AddAgain(node, inputs);
            _copies[node] = outputs[0].Producer!;
            for (var i = 0; i < outputs.Count; i++) _values[node.Outputs[i]] = outputs[i];
        }
    }

    // Parameters and constants are there anyway, and so are integers that are fed: only activations are tied to the order.
    private Tensor Again(Tensor input, Block block, Tensor zero)
    {
        if (input.Producer?.Block == block && !block.Kept.Contains(input)) return _values[input];
        var isActivation = input.Type.IsFloat() && (input.Producer is not null || graph.Inputs.Contains(input));
        if (!isActivation) return input;
        if (!block.Inputs.TryGetValue(input, out var tied)) block.Inputs[input] = tied = input + zero.Cast(input.Type);
        return tied;
    }

    // The sum of no elements of each: exactly zero whatever the gradients hold, and not known before they are.
    private Tensor ZeroAfter(Tensor[] gradients)
    {
        var parts = gradients.Select(g => g.Reshape(graph.Integers(-1)).Slice(0, 0, 0).Cast(ElementType.Float32)).ToArray();
        return (parts.Length == 1 ? parts[0] : graph.Concat(parts)).ReduceSum([0]);
    }
}

/// <summary>The nodes between <see cref="Graph.Recomputed"/> and its end.</summary>
internal sealed class Block
{
    public List<Node> Nodes { get; } = [];

    /// <summary>Values inside that are not computed again.</summary>
    public HashSet<Tensor> Kept { get; } = [];

    /// <summary>Values from outside or kept, and what stands for them when the block is computed again.</summary>
    public Dictionary<Tensor, Tensor> Inputs { get; } = [];
}
