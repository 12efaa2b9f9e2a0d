namespace LmmRec.Graphs;

/// <summary>A graph with the inputs, parameters and nodes of another, in which some values are computed in another way.</summary>
internal sealed class GraphCopy
{
    private readonly Dictionary<Tensor, Tensor> _copies = [];

    /// <summary>Copies the nodes of <paramref name="source"/> in their order.</summary>
    /// <param name="source">its parameters have values</param>
    /// <param name="instead">gives the new values of a node's outputs, or of the first ones that are read, from the copies of earlier ones; null: the node is copied as it is</param>
    /// <exception cref="GraphException">A parameter has no value yet.</exception>
    public GraphCopy(Graph source, Func<Node, GraphCopy, IReadOnlyList<Tensor>?> instead)
    {
        Target = new Graph(source.Name);
        var outputs = source.Outputs.Values.ToHashSet();
        foreach (var input in source.Inputs) _copies[input] = Target.InputOf(input.Name, input.Inferred);
        foreach (var parameter in source.Parameters) _copies[parameter.Tensor] = Target.Parameter(parameter.Name, parameter.RequiredValue, parameter.Trainable);
        foreach (var constant in source.Nodes.SelectMany(n => n.Inputs).OfType<Tensor>().Where(t => t.Constant is not null).Distinct())
            _copies[constant] = Target.Constant(constant.Constant!, ConstantText.Of(constant.Constant!) == constant.Name ? null : constant.Name);
        foreach (var node in source.Nodes)
        {
            // An output takes its name only when all nodes are there.
            var copies = instead(node, this) ?? Target.Add(
                node.Operator, Target.FreeName(outputs.Overlaps(node.Outputs) ? node.Operator.Name : node.Name), node.Attributes, node.OutputCount,
                [.. node.Inputs.Select(input => input is null ? null : this[input])]);
            foreach (var (old, copy) in node.Outputs.Zip(copies)) _copies[old] = copy;
        }
    }

    public Graph Target { get; }

    /// <summary>What stands for a value of the source.</summary>
    public Tensor this[Tensor source] => _copies[source];
}
