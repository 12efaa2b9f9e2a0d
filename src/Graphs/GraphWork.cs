namespace LmmRec.Graphs;

/// <summary>What it takes to compute some values of a graph once, counted by the shapes.</summary>
/// <param name="MultiplyAdds">multiplications with an addition each: of matrix products, convolutions, attention and sparse products</param>
/// <param name="Bytes">that nodes read and write</param>
/// <param name="Written">the part of them that is written: what training keeps, where nothing is recomputed</param>
public readonly record struct GraphWork(double MultiplyAdds, double Bytes, double Written)
{
    // They name what is there already.
    private static readonly HashSet<string> Views = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Shape", "Size", "Detach"];

    public static GraphWork operator +(GraphWork a, GraphWork b) => new(a.MultiplyAdds + b.MultiplyAdds, a.Bytes + b.Bytes, a.Written + b.Written);

    public static GraphWork operator *(double times, GraphWork work) => new(times * work.MultiplyAdds, times * work.Bytes, times * work.Written);

    /// <summary>Counts what <paramref name="values"/> take; null where shapes hang on more than <paramref name="sizes"/>.</summary>
    /// <param name="values">of one graph, such as its outputs, or the gradients of a loss</param>
    /// <param name="sizes">what the names in shapes stand for, such as <c>batch</c></param>
    public static GraphWork? Of(IReadOnlyList<Tensor> values, IReadOnlyDictionary<string, long> sizes)
    {
        var work = (GraphWork?)default(GraphWork);
        var needed = GraphPart.Needed(values, _ => false);
        foreach (var node in values[0].Graph.Nodes.Where(node => node.Outputs.Any(needed.Contains) && !Views.Contains(node.Operator.Name)))
        {
            var written = node.Outputs.Where(y => y.Type.IsFloat()).Aggregate((double?)0, (sum, y) => sum + BytesOf(y));
            // A look-up reads of a table what it writes.
            var read = node.Operator.Name == "Gather" ? written : node.Inputs.OfType<Tensor>().Where(x => x.Type.IsFloat()).Aggregate((double?)0, (sum, x) => sum + BytesOf(x));
            work = MultiplyAddsOf(node) is { } multiplied && written is { } bytes && read is { } others ? work + new GraphWork(multiplied, bytes + others, bytes) : null;
        }
        return work;

        double? BytesOf(Tensor tensor) => SizeOf(tensor) * sizeof(float);

        double? SizeOf(Tensor tensor) => tensor.Shape.Aggregate((double?)1, (size, axis) => size * axis.At(sizes));

        double? MultiplyAddsOf(Node node) => node.Operator.Name switch
        {
            "MatMul" => SizeOf(node.Y) * node[0].Shape[^1].At(sizes),
            "Gemm" => SizeOf(node.Y) * node[0].Shape[node.Attributes.Int("transA", 0) == 1 ? 0 : 1].At(sizes),
            "Conv" => SizeOf(node.Y) * SizeOf(node[1]) / node[1].Shape[0].At(sizes),
            "ConvTranspose" => SizeOf(node[0]) * SizeOf(node[1]) / node[1].Shape[0].At(sizes),
            "Attention" => 2 * SizeOf(node[0]) * node[1].Shape[1].At(sizes),         // [B, T, H, d] with S keys: scores, and their sum of values
            "AttentionGradient" => 5 * SizeOf(node[0]) * node[1].Shape[1].At(sizes), // both again, and three gradients
            "SpMM" or "SpMMAdd" => SizeOf(node[0]) * node[1].Shape[1].At(sizes),
            "SDDMM" => SizeOf(node.Y) * node[0].Shape[1].At(sizes),
            _ => 0,
        };
    }
}
