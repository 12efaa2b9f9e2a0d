using Google.Protobuf;
using LmmRec.Graphs.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>Finds where a NaN or an infinity came from, by running a graph once more with all its values as outputs.</summary>
internal static class FirstNonFinite
{
    /// <summary>A sentence about the first value that is not finite: an input, a parameter or the output of a node.</summary>
    public static string Find(string modelPath, RuntimeOptions options, Batch batch, Func<string, BoundTensor?> parameters)
    {
        ModelProto model;
        using (var stream = File.OpenRead(modelPath)) model = ModelProto.Parser.ParseFrom(stream);
        // The caller's layout may hold further buffers; only what the graph is fed counts here.
        var feeds = model.Graph.Input.ToDictionary(i => i.Name, i => batch.GetValueOrDefault(i.Name) ?? parameters(i.Name)!.Read(), StringComparer.Ordinal);
        if (feeds.FirstOrDefault(f => !IsFinite(f.Value)) is { Key: not null } wrong) return $"its input '{wrong.Key}' already holds a value that is not";

        var known = model.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        model.Graph.Output.AddRange(model.Graph.ValueInfo.Where(v => ((ElementType)v.Type.TensorType.ElemType).IsFloat() && known.Add(v.Name)));
        Dictionary<string, TensorData> results;
        try
        {
            results = Run(model, options, feeds);
        }
        catch (OnnxRuntimeException e)
        {
            return $"which node gave it is not known, because a second run that keeps all values failed ({e.Message.Trim()})";
        }
        foreach (var node in model.Graph.Node)
            if (node.Output.FirstOrDefault(o => results.TryGetValue(o, out var data) && !IsFinite(data)) is not null)
                return $"node '{node.Name}' ({node.OpType}) of {string.Join(" and ", node.Input)} was the first to give such a value";
        return "a second run of the same batch gave finite values";
    }

    private static Dictionary<string, TensorData> Run(ModelProto model, RuntimeOptions options, Dictionary<string, TensorData> feeds)
    {
        using var session = options.ToSessionOptions();
        using var inference = new InferenceSession(model.ToByteArray(), session);
        var values = feeds.ToDictionary(f => f.Key, f => OrtValues.Wrap(f.Value));
        using var run = new RunOptions();
        try
        {
            using var outputs = inference.Run(run, values, inference.OutputNames);
            return inference.OutputNames.Zip(outputs).ToDictionary(o => o.First, o => OrtValues.Copy(o.Second), StringComparer.Ordinal);
        }
        finally
        {
            foreach (var value in values.Values) value.Dispose();
        }
    }

    private static bool IsFinite(TensorData data) => data.Values switch
    {
        float[] v => Array.TrueForAll(v, float.IsFinite),
        double[] v => Array.TrueForAll(v, double.IsFinite),
        _ => true,
    };
}
