namespace LmmRec.Graphs;

/// <summary>
/// Copies a graph, or the part of it that some values need, into another graph, in which other values may stand for some of its own. First come
/// <see cref="Declare"/> and what is to stand for something, then <see cref="Nodes"/>.
/// </summary>
/// <param name="source">the graph that is copied; it stays as it is</param>
/// <param name="target">the graph that takes the copies</param>
/// <param name="needed">the only values that are copied; null: all</param>
internal sealed class GraphCopy(Graph source, Graph target, IReadOnlySet<Tensor>? needed = null)
{
    private readonly Dictionary<Tensor, Tensor> _copies = [];
    private readonly Dictionary<Block, Block> _blocks = [];

    /// <summary>A copy of the whole graph, whose outputs have no names yet.</summary>
    public static GraphCopy Of(Graph source)
    {
        var copy = new GraphCopy(source, new Graph(source.Name));
        copy.Declare();
        copy.Nodes();
        return copy;
    }

    public Graph Target => target;

    /// <summary>What stands for a value of the source.</summary>
    public Tensor this[Tensor original]
    {
        get => _copies[original];
        set => _copies[original] = value;
    }

    /// <summary>Adds the inputs and parameters for which nothing stands yet; a parameter that the target has is shared.</summary>
    /// <exception cref="GraphException">The target has a parameter of the same name and other type, shape or values.</exception>
    public void Declare()
    {
        foreach (var input in source.Inputs.Where(IsMissing)) _copies[input] = target.InputOf(input.Name, input.Inferred);
        foreach (var parameter in source.Parameters.Where(p => IsMissing(p.Tensor))) _copies[parameter.Tensor] = target.Shared(parameter);
    }

    /// <summary>Adds constants and nodes in their order.</summary>
    /// <param name="instead">gives the new values of a node's outputs, or of the first ones; null: the node is copied as it is</param>
    /// <param name="blockOf">the block of the target in which a node's copy is recomputed; where it is left out, the copy of the node's own</param>
    public void Nodes(Func<Node, IReadOnlyList<Tensor>?>? instead = null, Func<Node, Block?>? blockOf = null)
    {
        var nodes = source.Nodes.Where(node => node.Outputs.Any(IsMissing)).ToList();
        foreach (var constant in nodes.SelectMany(n => n.Inputs).Concat(source.Outputs.Values).OfType<Tensor>().Where(t => t.Constant is not null).Distinct())
            _copies[constant] = target.Constant(constant.Constant!, ConstantText.Of(constant.Constant!) == constant.Name ? null : constant.Name);
        var outputs = source.Outputs.Values.ToHashSet();
        foreach (var node in nodes)
        {
            using var block = target.InBlock(blockOf is null ? CopyOf(node.Block) : blockOf(node));
            if (instead?.Invoke(node) is { } others)
            {
                foreach (var (old, other) in node.Outputs.Zip(others)) _copies[old] = other;
                continue;
            }
            // An output takes its name only when all nodes are there.
            var name = target.FreeName(outputs.Overlaps(node.Outputs) ? node.Operator.Name : node.Name);
            var copies = target.Add(node.Operator, name, node.Attributes, node.OutputCount, [.. node.Inputs.Select(input => input is null ? null : this[input])]);
            foreach (var (old, copy) in node.Outputs.Zip(copies))
            {
                _copies[old] = copy;
                if (node.Block?.Kept.Contains(old) == true) copy.Kept();
            }
        }
    }

    /// <summary>Gives the copies of the source's outputs their names; gives the target.</summary>
    public Graph Named()
    {
        foreach (var (name, value) in source.Outputs) target.Output(name, _copies[value]);
        return target;
    }

    private bool IsMissing(Tensor value) => needed?.Contains(value) != false && !_copies.ContainsKey(value);

    private Block? CopyOf(Block? block)
    {
        if (block is null) return null;
        if (!_blocks.TryGetValue(block, out var copy)) _blocks[block] = copy = new Block();
        return copy;
    }
}
