using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>What a tower of an encoder computes for one picture or text of full length, by its graph. Weights are not needed, but the files of ONNX cards are.</summary>
/// <param name="Forward">for its vector</param>
/// <param name="Training">for its vector and the gradient of what is trained</param>
/// <param name="Prefix">for what frozen blocks give, where that is kept: it is no part of the others then; else nothing</param>
/// <param name="Parameters">all numbers of the tower</param>
/// <param name="Trained">those that are trained</param>
/// <param name="Width">of the vector</param>
public sealed record TowerWork(GraphWork Forward, GraphWork Training, GraphWork Prefix, long Parameters, long Trained, int Width)
{
    /// <summary>The tower's work; null where it is not known, as where an ONNX file is not there yet.</summary>
    /// <param name="folder">the encoder's folder</param>
    /// <param name="visual">whether it is the tower of pictures, else of texts</param>
    /// <param name="freeze">freezes what is not trained; null: nothing is trained</param>
    /// <param name="keepsPrefix">whether what the frozen blocks give is kept</param>
    public static TowerWork? Of(string folder, bool visual, Action<Graph>? freeze, bool keepsPrefix)
    {
        var card = EncoderCard.Read(folder);
        if (GraphOf(folder, card, visual) is not { } graph) return null;
        var sizes = new Dictionary<string, long>();
        foreach (var (axis, size) in graph.Inputs.SelectMany(input => input.Shape.Index()).Where(size => !size.Item.IsFixed))
            sizes[size.ToString()] = axis == 0 ? 1 : visual ? card.Image!.Width : card.Text!.Length;
        var parameters = graph.Parameters.Sum(Size);
        freeze?.Invoke(graph);
        var prefix = (GraphWork?)default(GraphWork);
        if (freeze is not null && keepsPrefix && FrozenPrefix.Split(graph, [.. graph.Outputs.Keys]) is { Kept.Count: > 0 } split)
        {
            prefix = GraphWork.Of([.. split.Prefix.Outputs.Values], sizes);
            graph = split.Rest;
        }
        var vector = graph.Outputs.Values.Single();
        var forward = GraphWork.Of([vector], sizes);
        var trained = freeze is null ? [] : graph.Parameters.Where(p => p.Trainable && vector.DependsOn(p.Tensor)).ToList();
        var training = trained.Count == 0 ? forward : GraphWork.Of([vector, .. vector.ReduceSum().Gradients(trained.ConvertAll(p => p.Tensor))], sizes);
        return forward is { } f && training is { } t && prefix is { } p
            ? new TowerWork(f, t, p, parameters, trained.Sum(Size), (int)vector.Shape[^1].Value) : null;

        static long Size(Parameter parameter) => parameter.Tensor.Shape.Size.Value;
    }

    private static Graph? GraphOf(string folder, EncoderCard card, bool visual)
    {
        var graph = new Graph(visual ? EncoderGraph.Visual : EncoderGraph.Textual);
        if (card.Onnx is null)
        {
            EncoderGraph.AddForward(new Architectures.Layers(graph), card, visual, visual ? null : card.Text!.Length);
            return graph;
        }
        var tower = visual ? card.Onnx.Visual! : card.Onnx.Textual!;
        if (!File.Exists(Path.Combine(folder, tower.File))) return null;
        try
        {
            return EncoderFiles.Load(folder, tower, card).Part([tower.Output], name => name);
        }
        catch (Exception e) when (e is GraphException or InvalidInputException)
        {
            return null; // what is wrong with it is said where it is run
        }
    }
}
