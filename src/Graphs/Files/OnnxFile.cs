using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>What an ONNX file, which any tool may have written, says of itself.</summary>
/// <param name="ExternalFiles">the files that it takes tensors from, as it names them, relative to its folder; each once</param>
/// <param name="ScalesOverBatch">
/// whether it works out numbers over the whole of a tensor as it runs, such as the scale of dynamic quantization: a row's result then depends on the others
/// </param>
public sealed record OnnxFile(IReadOnlyList<string> ExternalFiles, bool ScalesOverBatch)
{
    /// <exception cref="GraphException">The file is no ONNX file.</exception>
    public static OnnxFile Read(string path)
    {
        var model = GraphReader.Parse(path);
        var nodes = model.Graph.Node.Concat(model.Functions.SelectMany(f => f.Node)).SelectMany(WithInner).ToList();
        var tensors = model.Graph.Initializer.Concat(nodes.SelectMany(n => n.Attribute).SelectMany(a => (a.T is null ? [] : new[] { a.T }).Concat(a.G?.Initializer ?? [])));
        var computed = nodes.Where(n => n.OpType != "Constant").SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        return new OnnxFile(
            [.. tensors.Where(t => t.DataLocation == TensorProto.Types.DataLocation.External).SelectMany(t => t.ExternalData).Where(e => e.Key == "location").Select(e => e.Value).Distinct()],
            nodes.Exists(n => IsOverBatch(n, computed)));
    }

    // Dynamic quantization in one operator or spelled out, and the statistics of batch normalisation that is still training.
    private static bool IsOverBatch(NodeProto node, HashSet<string> computed) =>
        node.OpType.StartsWith("DynamicQuantize", StringComparison.Ordinal)
        || (node.OpType == "QuantizeLinear" && computed.Contains(node.Input[1]))
        || (node.OpType == "BatchNormalization" && node.Attribute.Any(a => a is { Name: "training_mode", I: 1 }));

    private static IEnumerable<NodeProto> WithInner(NodeProto node) =>
        node.Attribute.SelectMany(a => a.G?.Node ?? []).SelectMany(WithInner).Prepend(node);
}
