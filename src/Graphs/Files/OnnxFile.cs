using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>What an ONNX file, which any tool may have written, says of itself.</summary>
/// <param name="Opset">the version of ONNX's own operators that it uses</param>
/// <param name="Inputs">what it takes, in the file's order; tensors that it holds itself are none</param>
/// <param name="Outputs">what it gives, in the file's order</param>
/// <param name="Poolers">the outputs that look like BERT's pooler: a tanh for each item, beside vectors for each token</param>
/// <param name="Branches">the operators with graphs inside that it uses (If, Loop, Scan)</param>
/// <param name="Tables">rows of the tables that inputs pick from, such as a vocabulary's embedding, by the input's name</param>
/// <param name="Weights">floating-point tensors that it holds</param>
/// <param name="ExternalFiles">the files that it takes tensors from, relative to its folder, and the bytes that each has at least</param>
/// <param name="Rounded">the operators that it uses on weights or activations of 8 bits or fewer</param>
/// <param name="ScalesOverBatch">
/// whether it works out numbers over the whole of a tensor as it runs, such as the scale of dynamic quantization: a row's result then depends on the others
/// </param>
public sealed record OnnxFile(
    int Opset, IReadOnlyList<OnnxValue> Inputs, IReadOnlyList<OnnxValue> Outputs, IReadOnlyList<string> Poolers, IReadOnlyList<string> Branches,
    IReadOnlyDictionary<string, long> Tables, int Weights, IReadOnlyDictionary<string, long> ExternalFiles, IReadOnlyList<string> Rounded, bool ScalesOverBatch)
{
    /// <summary>Before it operators differ in more than form, and files are not read.</summary>
    public const int OldestOpset = OlderOpsets.Oldest;

    // What an index may go through on its way to a table.
    private static readonly string[] Carriers = ["Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten"];

    /// <exception cref="GraphException">The file is no ONNX file.</exception>
    public static OnnxFile Read(string path)
    {
        var model = GraphReader.Parse(path);
        var nodes = model.Graph.Node.Concat(model.Functions.SelectMany(f => f.Node)).SelectMany(WithInner).ToList();
        var tensors = model.Graph.Initializer.Concat(nodes.SelectMany(n => n.Attribute).SelectMany(a => (a.T is null ? [] : new[] { a.T }).Concat(a.G?.Initializer ?? [])));
        var computed = nodes.Where(n => n.OpType != "Constant").SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        var held = model.Graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return new OnnxFile(
            (int)(model.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 1),
            [.. model.Graph.Input.Where(i => !held.Contains(i.Name)).Select(OnnxValue.Of)], [.. model.Graph.Output.Select(OnnxValue.Of)], PoolersOf(model.Graph),
            [.. nodes.Where(n => n.Domain is "" or "ai.onnx" && n.OpType is "If" or "Loop" or "Scan").Select(n => n.OpType).Distinct()],
            TablesOf(model.Graph), model.Graph.Initializer.Count(t => ElementTypes.IsKnown(t.DataType) && ((ElementType)t.DataType).IsFloat()),
            tensors.Where(t => t.DataLocation == TensorProto.Types.DataLocation.External).Select(Place).Where(p => p.File.Length > 0)
                .GroupBy(p => p.File, StringComparer.Ordinal).ToDictionary(file => file.Key, file => file.Max(p => p.End), StringComparer.Ordinal),
            [.. nodes.Select(n => n.OpType).Where(IsRounded).Distinct()], nodes.Exists(n => IsOverBatch(n, computed)));
    }

    private static List<string> PoolersOf(GraphProto graph)
    {
        var outputs = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var perToken = graph.Output.Any(o => o.Type?.TensorType?.Shape?.Dim.Count == 3);
        return perToken ? [.. graph.Node.Where(n => n.OpType == "Tanh").SelectMany(n => n.Output).Where(outputs.Contains)] : [];
    }

    private static Dictionary<string, long> TablesOf(GraphProto graph)
    {
        var tables = graph.Initializer.Where(t => t.Dims.Count > 1).ToDictionary(t => t.Name, t => t.Dims[0], StringComparer.Ordinal);
        var indices = graph.Input.ToDictionary(i => i.Name, i => i.Name, StringComparer.Ordinal); // tensor → the input that it comes from
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var node in graph.Node.Where(n => n.Input.Count > 0 && n.Output.Count > 0))
        {
            // A table of other numbers than the graph's is brought to them first.
            if (node.OpType is "Cast" or "Identity" or "DequantizeLinear" && tables.TryGetValue(node.Input[0], out var same)) tables[node.Output[0]] = same;
            if (Carriers.Contains(node.OpType) && indices.TryGetValue(node.Input[0], out var source)) indices[node.Output[0]] = source;
            var (table, index) = node.OpType switch { "Gather" or "GatherBlockQuantized" => (0, 1), "EmbedLayerNormalization" => (2, 0), _ => (0, int.MaxValue) };
            if (Math.Max(table, index) < node.Input.Count && tables.TryGetValue(node.Input[table], out var count) && indices.TryGetValue(node.Input[index], out var input))
                rows[input] = Math.Min(count, rows.GetValueOrDefault(input, long.MaxValue));
        }
        return rows;
    }

    // The file that a tensor lies in, and where in it the tensor ends; a length need not be given.
    private static (string File, long End) Place(TensorProto tensor)
    {
        var (file, offset, length) = ExternalData.Of(tensor);
        var location = file ?? "";
        while (location.StartsWith("./", StringComparison.Ordinal)) location = location[2..].TrimStart('/'); // the folder that the file lies in
        return (location, offset + (length ?? (ElementTypes.IsKnown(tensor.DataType) ? tensor.Dims.Aggregate((long)((ElementType)tensor.DataType).Bytes(), (bytes, d) => bytes * d) : 0)));
    }

    // Dynamic quantization in one operator or spelled out, and the statistics of batch normalisation that is still training.
    private static bool IsOverBatch(NodeProto node, HashSet<string> computed) =>
        node.OpType.StartsWith("DynamicQuantize", StringComparison.Ordinal)
        || (node.OpType == "QuantizeLinear" && node.Input.Skip(1).Take(1).Any(computed.Contains))
        || (node.OpType == "BatchNormalization" && node.Attribute.Any(a => a is { Name: "training_mode", I: 1 }));

    private static bool IsRounded(string op) => op.Contains("Quantize", StringComparison.Ordinal) || op.EndsWith("Integer", StringComparison.Ordinal) || op.StartsWith("QLinear", StringComparison.Ordinal) || op == "MatMulNBits";

    private static IEnumerable<NodeProto> WithInner(NodeProto node) =>
        node.Attribute.SelectMany(a => a.G?.Node ?? []).SelectMany(WithInner).Prepend(node);
}

/// <summary>An input or output of an ONNX file.</summary>
/// <param name="Name">its name</param>
/// <param name="Type">what its elements are; null: something that is not known here</param>
/// <param name="Shape">its dimensions, <c>?</c> where the file gives neither a number nor a name; null: their number is not known</param>
public sealed record OnnxValue(string Name, ElementType? Type, Shape? Shape)
{
    /// <summary>Whether these are floating-point numbers.</summary>
    public bool IsFloat => Type is { } type && type.IsFloat();

    public override string ToString() => $"{Name} {(Type is { } type ? type.ToString().ToLowerInvariant() : "of an unknown type")} {Shape?.ToString() ?? "of an unknown shape"}";

    internal static OnnxValue Of(ValueInfoProto value)
    {
        var type = value.Type?.TensorType;
        return new OnnxValue(value.Name, type is not null && ElementTypes.IsKnown(type.ElemType) ? (ElementType)type.ElemType : null,
            type?.Shape is { } shape ? new Shape([.. shape.Dim.Select(DimOf)]) : null);
    }

    private static Dim DimOf(TensorShapeProto.Types.Dimension size) => size.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when size.DimValue > 0 => size.DimValue, // some exporters write -1 or 0 for any
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when size.DimParam.Length > 0 => size.DimParam,
        _ => "?",
    };
}
