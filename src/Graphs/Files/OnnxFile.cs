using System.Globalization;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>What an ONNX file, which any tool may have written, says of itself.</summary>
/// <param name="ExternalFiles">the files that it takes tensors from, as it names them, relative to its folder, and the bytes that each has at least</param>
/// <param name="ScalesOverBatch">
/// whether it works out numbers over the whole of a tensor as it runs, such as the scale of dynamic quantization: a row's result then depends on the others
/// </param>
public sealed record OnnxFile(IReadOnlyDictionary<string, long> ExternalFiles, bool ScalesOverBatch)
{
    /// <summary>What is to be said of a graph that takes no tensors from files.</summary>
    public OnnxFile(bool scalesOverBatch) : this(new Dictionary<string, long>(), scalesOverBatch)
    {
    }

    /// <exception cref="GraphException">The file is no ONNX file.</exception>
    public static OnnxFile Read(string path)
    {
        var model = GraphReader.Parse(path);
        var nodes = model.Graph.Node.Concat(model.Functions.SelectMany(f => f.Node)).SelectMany(WithInner).ToList();
        var tensors = model.Graph.Initializer.Concat(nodes.SelectMany(n => n.Attribute).SelectMany(a => (a.T is null ? [] : new[] { a.T }).Concat(a.G?.Initializer ?? [])));
        var computed = nodes.Where(n => n.OpType != "Constant").SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        return new OnnxFile(
            tensors.Where(t => t.DataLocation == TensorProto.Types.DataLocation.External).Select(Place).Where(p => p.File.Length > 0)
                .GroupBy(p => p.File, StringComparer.Ordinal).ToDictionary(file => file.Key, file => file.Max(p => p.End), StringComparer.Ordinal),
            nodes.Exists(n => IsOverBatch(n, computed)));
    }

    // The file that a tensor lies in, and where in it the tensor ends; a length need not be given.
    private static (string File, long End) Place(TensorProto tensor)
    {
        var length = Number("length") ?? (ElementTypes.IsKnown(tensor.DataType) ? tensor.Dims.Aggregate((long)((ElementType)tensor.DataType).Bytes(), (bytes, d) => bytes * d) : 0);
        return (Entry("location") ?? "", (Number("offset") ?? 0) + length);

        string? Entry(string key) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;
        long? Number(string key) => long.TryParse(Entry(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    // Dynamic quantization in one operator or spelled out, and the statistics of batch normalisation that is still training.
    private static bool IsOverBatch(NodeProto node, HashSet<string> computed) =>
        node.OpType.StartsWith("DynamicQuantize", StringComparison.Ordinal)
        || (node.OpType == "QuantizeLinear" && computed.Contains(node.Input[1]))
        || (node.OpType == "BatchNormalization" && node.Attribute.Any(a => a is { Name: "training_mode", I: 1 }));

    private static IEnumerable<NodeProto> WithInner(NodeProto node) =>
        node.Attribute.SelectMany(a => a.G?.Node ?? []).SelectMany(WithInner).Prepend(node);
}
