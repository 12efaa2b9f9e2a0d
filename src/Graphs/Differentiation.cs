namespace LmmRec.Graphs;

/// <summary>Reverse-mode differentiation: the rules are in the operator table, the walk is here and never changes.</summary>
public static class Differentiation
{
    /// <summary>
    /// Adds to the graph the gradients of a scalar <paramref name="loss"/> with respect to each of <paramref name="variables"/>, in their order and
    /// shapes. Gradients of gradients are not supported.
    /// </summary>
    /// <exception cref="GraphException">The loss is no scalar or does not depend on a variable; an operator on the way has no gradient.</exception>
    public static IReadOnlyList<Tensor> Gradients(this Tensor loss, IReadOnlyList<Tensor> variables)
    {
        var graph = loss.Graph;
        if (loss.Shape.Size != 1 || !loss.Type.IsFloat()) throw new GraphException($"a loss is one floating-point number; '{loss.Name}' is {loss.Type} {loss.Shape}");
        var nodes = graph.Nodes.ToArray(); // before the walk adds to them
        var depends = DependentsOf(variables, nodes);
        var gradients = new Dictionary<Tensor, Tensor>();
        var recomputation = new Recomputation(graph);
        using var scope = graph.Scope("gradient");
        gradients[loss] = loss.Like(1).Expand(loss.ShapeTensor());
        foreach (var node in nodes.Reverse())
        {
            var outputs = node.Outputs.Select(gradients.GetValueOrDefault).ToList();
            if (outputs.TrueForAll(g => g is null) || !node.Inputs.Any(i => i is not null && depends.Contains(i)) || node.Operator.EndsGradient) continue;
            using var inner = graph.Scope(node.Name);
            var rule = node.Operator.Gradient ?? throw GradientGaps.Error(node, graph, nodes, new HashSet<Tensor> { loss });
            var inputs = rule(recomputation.For(node, outputs), outputs);
            for (var i = 0; i < inputs.Length; i++)
            {
                if (inputs[i] is not { } gradient || node.Inputs[i] is not { } input || !depends.Contains(input)) continue;
                gradients[input] = gradients.TryGetValue(input, out var sum) ? sum + Checked(node, input, gradient) : Checked(node, input, gradient);
                if (input.Producer is null) recomputation.Finished(gradients[input]);
            }
        }
        return [.. variables.Select(v => gradients.GetValueOrDefault(v) ?? throw new GraphException(
            $"the loss '{loss.Name}' does not depend on '{v.Name}' by a differentiable path; declare it with trainable: false or use it in the loss"))];
    }

    private static Tensor Checked(Node node, Tensor input, Tensor gradient) => gradient.Shape.Equals(input.Shape)
        ? gradient
        : throw node.Wrong($"its rule gives a gradient of shape {gradient.Shape} for input '{input.Name}' {input.Shape}");

    /// <summary>Whether a gradient flows from this loss to <paramref name="variable"/>.</summary>
    public static bool DependsOn(this Tensor loss, Tensor variable) => DependentsOf([variable], loss.Graph.Nodes).Contains(loss);

    // All values that change with one of the variables along a path on which gradients flow.
    internal static HashSet<Tensor> DependentsOf(IEnumerable<Tensor> variables, IEnumerable<Node> nodes)
    {
        var dependents = new HashSet<Tensor>(variables);
        foreach (var node in nodes)
            if (!node.Operator.EndsGradient && node.Inputs.Any(i => i is not null && dependents.Contains(i)))
                dependents.UnionWith(node.Outputs.Where(y => y.Type.IsFloat()));
        return dependents;
    }
}
