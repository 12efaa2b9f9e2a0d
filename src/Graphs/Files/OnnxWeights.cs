using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>
/// Reads the weights of an ONNX file under the names that they have in the model it was exported from. Exporters fold the transposition of a linear
/// layer's weight into a new tensor without a name; what it is follows from the bias that is added to its product (docs/encoders.md#weights-in-onnx-files).
/// </summary>
public static class OnnxWeights
{
    private const string Weight = ".weight", Bias = ".bias";

    /// <summary>The floating-point initialisers, those that linear layers hold transposed as <c>[out, in]</c>.</summary>
    /// <exception cref="GraphException">The file is broken, or a tensor that it refers to is not there.</exception>
    public static Dictionary<string, TensorData> Read(string path)
    {
        var model = GraphReader.Parse(path);
        var tensors = model.Graph.Initializer.Select(proto => (proto.Name, Data: TensorReader.Read(proto, path))).Where(t => t.Data.Type.IsFloat())
            .ToDictionary(t => t.Name, t => t.Data, StringComparer.Ordinal);
        var products = model.Graph.Node.Where(n => n.OpType == "MatMul").ToDictionary(n => n.Output[0], n => n.Input[1], StringComparer.Ordinal);
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
        "Add" => from side in new[] { 0, 1 } where products.ContainsKey(node.Input[side]) select (products[node.Input[side]], node.Input[1 - side]),
        "Gemm" when node.Input.Count > 2 && !node.Attribute.Any(a => a is { Name: "transB", I: 1 }) => [(node.Input[1], node.Input[2])],
        _ => [],
    };
}
