namespace LmmRec.Graphs;

/// <summary>Weights that are stored in 16 bits, made trainable.</summary>
public static class WidenedWeights
{
    // What only moves numbers does the same with wider ones.
    private static readonly string[] Moves = ["Cast", "Gather", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Expand", "Concat", "Identity", "Split"];

    /// <summary>
    /// The graph with its float16 and bfloat16 parameters as float32, which are trained where the narrow ones were; it stays as it is. Results are the same to
    /// the bit, because the values are.
    /// </summary>
    /// <exception cref="GraphException">A node computes with 16 bits, so that wider numbers would give another result.</exception>
    public static Graph Widened(this Graph graph)
    {
        var copy = new GraphCopy(graph, new Graph(graph.Name));
        foreach (var parameter in graph.Parameters.Where(p => IsNarrow(p.Tensor)))
        {
            var values = parameter.RequiredValue.ToFloats();
            var trainable = parameter.Trainable && Array.TrueForAll(values, float.IsFinite); // masks hold infinities
            copy[parameter.Tensor] = copy.Target.Parameter(parameter.Name, TensorData.Of(values, parameter.RequiredValue.Shape), trainable);
        }
        copy.Declare();
        var stored = graph.Parameters.Select(p => p.Tensor).Where(IsNarrow).ToHashSet(); // and what is moved out of them
        copy.Nodes(node =>
        {
            if (!node.Inputs.Any(i => i is not null && stored.Contains(i)))
                return node.Outputs.Concat(node.Inputs).Any(t => t is not null && IsNarrow(t)) && node.Operator.Name != "Cast" ? throw Computes(node) : null;
            if (!Moves.Contains(node.Operator.Name)) throw Computes(node);
            if (node.Operator.Name == "Cast") return node.Y.Type == ElementType.Float32 ? [copy[node[0]]] : null;
            stored.UnionWith(node.Outputs);
            return null;
        });
        return copy.Named();
    }

    private static bool IsNarrow(Tensor tensor) => tensor.Type is ElementType.Float16 or ElementType.BFloat16;

    private static GraphException Computes(Node node) => node.Wrong("computes with 16 bits, which is not trained here; take the file with 32-bit weights");
}
