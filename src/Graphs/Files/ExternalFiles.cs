using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>The files that an ONNX file, which any tool may have written, takes tensors from.</summary>
public static class ExternalFiles
{
    /// <summary>Their names as the file at <paramref name="path"/> has them, relative to its folder; each once.</summary>
    /// <exception cref="GraphException">The file is no ONNX file.</exception>
    public static IReadOnlyList<string> Of(string path)
    {
        var model = GraphReader.Parse(path);
        return [.. TensorsOf(model.Graph).Concat(model.Functions.SelectMany(f => f.Node).SelectMany(TensorsOf))
            .Where(t => t.DataLocation == TensorProto.Types.DataLocation.External)
            .SelectMany(t => t.ExternalData).Where(e => e.Key == "location").Select(e => e.Value).Distinct()];
    }

    private static IEnumerable<TensorProto> TensorsOf(GraphProto graph) => graph.Initializer.Concat(graph.Node.SelectMany(TensorsOf));

    private static IEnumerable<TensorProto> TensorsOf(NodeProto node) =>
        node.Attribute.SelectMany(a => (a.T is null ? [] : new[] { a.T }).Concat(a.G is null ? [] : TensorsOf(a.G)));
}
