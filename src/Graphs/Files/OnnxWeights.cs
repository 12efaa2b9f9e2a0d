using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>
/// Reads the weights of one under the names that they have in the model it was exported from. Exporters fold the transposition of a linear
/// layer's weight into a new tensor without a name; what it is follows from the bias that is added to its product (docs/encoders.md#weights-in-onnx-files).
/// </summary>
public static class OnnxWeights
{
    private const string Weight = ".weight", Bias = ".bias";

    /// <summary>The floating-point initialisers, those that linear layers hold transposed as <c>[out, in]</c>.</summary>
    /// <exception cref="GraphException">The file is broken, a tensor that it refers to is not there, or a layer scales its weights.</exception>
    public static Dictionary<string, TensorData> Read(string path)
    {
        var model = GraphReader.Parse(path);
        var tensors = model.Graph.Initializer.Select(proto => (proto.Name, Data: TensorReader.Read(proto, path))).Where(t => t.Data.Type.IsFloat())
            .ToDictionary(t => t.Name, t => t.Data, StringComparer.Ordinal);
        var products = new Dictionary<string, string>(StringComparer.Ordinal); // of a product, its matrix
        foreach (var node in model.Graph.Node.Where(n => n is { OpType: "MatMul", Input.Count: 2, Output.Count: 1 })) products[node.Output[0]] = node.Input[1];
        if (model.Graph.Node.FirstOrDefault(n => IsScaled(n) && n.Input.Any(tensors.ContainsKey)) is { } scaled)
            throw new GraphException($"'{path}': node '{scaled.Name}' (Gemm) multiplies its weights by alpha or beta other than 1, so they are not the model's; export the file without folding scales into layers");
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (matrix, bias) in model.Graph.Node.SelectMany(node => Linear(node, products)))
        {
            if (!bias.EndsWith(Bias, StringComparison.Ordinal) || !tensors.ContainsKey(bias) || tensors.GetValueOrDefault(matrix) is not { Shape.Length: 2 } stored) continue;
            if (tensors.TryAdd(bias[..^Bias.Length] + Weight, stored.Transposed())) named.Add(matrix); // one that has its own name keeps it
        }
        foreach (var matrix in named) tensors.Remove(matrix);
        return tensors;
    }

    // A matrix and what is added to its product: by two nodes, the operands of the sum in either order, or by one.
    private static IEnumerable<(string Matrix, string Bias)> Linear(NodeProto node, Dictionary<string, string> products) => node.OpType switch
    {
        "Add" when node.Input.Count == 2 => from side in new[] { 0, 1 } where products.ContainsKey(node.Input[side]) select (products[node.Input[side]], node.Input[1 - side]),
        "Gemm" when node.Input.Count > 2 && !node.Attribute.Any(a => a is { Name: "transB", I: 1 }) => [(node.Input[1], node.Input[2])],
        _ => [],
    };

    private static bool IsScaled(NodeProto node) => node.OpType == "Gemm" && node.Attribute.Any(a => a is { Name: "alpha" or "beta", F: not 1 });
}
