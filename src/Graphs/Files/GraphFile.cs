using System.Globalization;
using Google.Protobuf;
using LmmRec.Artifacts.Store;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>How parameters appear in a file: with their values, or as inputs that the caller binds (training artifacts).</summary>
internal enum ParametersAs
{
    Initializers,
    Inputs,
}

/// <summary>Writes graphs as ONNX files; the same graph gives the same bytes.</summary>
public static class GraphFile
{
    internal const int IrVersion = 10, Opset = 21;

    // A protobuf message ends at 2 GiB; beyond half of that all weights go to a file of their own.
    private const long MaxInlineBytes = 1L << 30;

    /// <summary>
    /// Writes the nodes that lead to the graph's outputs, or to some of them, and the parameters they read with their values. Weights of more than
    /// <paramref name="maxInlineBytes"/> together go to <c>&lt;path&gt;.data</c> beside the file.
    /// </summary>
    /// <exception cref="GraphException">A parameter has no value yet.</exception>
    public static void Save(this Graph graph, string path, IReadOnlyCollection<string>? outputs = null, long maxInlineBytes = MaxInlineBytes)
    {
        outputs ??= [.. graph.Outputs.Keys];
        var size = graph.Parameters.Sum(p => (p.Tensor.Shape.Size * p.Tensor.Type.Bytes()).Value);
        if (size <= maxInlineBytes)
        {
            FileSystem.WriteAtomically(path, stream => ToModel(graph, outputs, ParametersAs.Initializers).WriteTo(stream));
            return;
        }
        FileSystem.WriteAtomically(path + ".data", data =>
        {
            var model = ToModel(graph, outputs, ParametersAs.Initializers, new ExternalData(data, Path.GetFileName(path) + ".data").Write);
            FileSystem.WriteAtomically(path, model.WriteTo);
        });
    }

    /// <summary>Writes the graph as a file that holds no weights: they stay where they are, in a safetensors file of the same folder that names them as
    /// the graph does.</summary>
    /// <exception cref="GraphException">The safetensors file lacks a parameter.</exception>
    public static void SaveBeside(this Graph graph, string path, string weights)
    {
        var places = SafeTensors.Places(weights);
        FileSystem.WriteAtomically(path, stream => ToModel(graph, graph.Outputs.Keys, ParametersAs.Initializers, Refer).WriteTo(stream));

        void Refer(TensorData data, TensorProto proto)
        {
            if (!places.TryGetValue(proto.Name, out var place)) throw new GraphException($"'{weights}' lacks the parameter '{proto.Name}' of graph '{graph.Name}'");
            ExternalData.Refer(proto, Path.GetFileName(weights), place.Offset, place.Length);
        }
    }

    internal static ModelProto ToModel(Graph graph, IEnumerable<string> outputs, ParametersAs parameters, Action<TensorData, TensorProto>? external = null)
    {
        string[] names = [.. outputs]; // once: a caller's sequence may add outputs to the graph as it is walked
        var missing = names.Where(name => !graph.Outputs.ContainsKey(name)).ToList();
        if (missing.Count > 0) throw new GraphException($"graph '{graph.Name}' has no output {string.Join(", ", missing.Select(m => $"'{m}'"))}; it has: {string.Join(", ", graph.Outputs.Keys)}");
        var writer = new GraphWriter(graph, [.. names.Select(name => graph.Outputs[name])], parameters);
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "lmmrec", Graph = writer.Write(external) };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
        foreach (var op in writer.OwnOperators)
        {
            if (model.Functions.Count == 0) model.OpsetImport.Add(new OperatorSetIdProto { Domain = Own.Domain, Version = 1 });
            model.Functions.Add(GraphWriter.ToFunction(op));
        }
        return model;
    }
}

/// <summary>Where weights go that a model file only refers to.</summary>
internal sealed class ExternalData(Stream stream, string fileName)
{
    private const int Alignment = 4096; // so that readers can map the file

    public void Write(TensorData data, TensorProto proto)
    {
        while (stream.Position % Alignment != 0) stream.WriteByte(0);
        var offset = stream.Position;
        data.ForEachChunk(bytes => stream.Write(bytes));
        Refer(proto, fileName, offset, stream.Position - offset);
    }

    /// <summary>Makes <paramref name="proto"/> take its elements from a place in a file of the same folder.</summary>
    public static void Refer(TensorProto proto, string fileName, long offset, long length)
    {
        proto.DataLocation = TensorProto.Types.DataLocation.External;
        Add("location", fileName);
        Add("offset", offset);
        Add("length", length);

        void Add(string key, object value) => proto.ExternalData.Add(new StringStringEntryProto { Key = key, Value = $"{value}" });
    }

    /// <summary>Where the elements of <paramref name="proto"/> lie, as any tool may have written it: the file, null where none is named, and the bytes as far as they are said.</summary>
    public static (string? File, long Offset, long? Length) Of(TensorProto proto)
    {
        return (Entry("location"), Number("offset") ?? 0, Number("length"));

        string? Entry(string key) => proto.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;
        long? Number(string key) => long.TryParse(Entry(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
