using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>
/// A card's encoder as a graph: the whole of it with the inputs pixels [batch, 3, H, W], ids and mask [batch, T] and the outputs visual and textual, as
/// far as it has them; or one tower, whose texts may be of any length up to the context length.
/// </summary>
public static class EncoderGraph
{
    public const string Pixels = "pixels", Ids = "ids", Mask = "mask", Visual = "visual", Textual = "textual";

    /// <summary>Builds the forward graph; its parameters have no values yet.</summary>
    public static Graph Build(EncoderCard card)
    {
        var graph = new Graph("encoder");
        AddForward(new Layers(graph), card, card.Image is not null, card.Text?.Length);
        return graph;
    }

    /// <summary>All numbers of the weights of both towers; null: the card is of a file that the user brings, of which nothing is known but what it does.</summary>
    public static long? ParametersOf(EncoderCard card) => card.Onnx is null ? Build(card).Parameters.Sum(p => p.Tensor.Shape.Size.Value) : null;

    /// <summary>All weights, by the names of their parameters, drawn from <paramref name="seed"/>: the same ones on every machine.</summary>
    public static IReadOnlyDictionary<string, TensorData> DrawWeights(EncoderCard card, long seed)
    {
        var graph = Build(card);
        graph.Initialize(SeededRandom.For(seed, "encoder"));
        return WeightsOf(graph);
    }

    /// <summary>The values of a graph's parameters, by name.</summary>
    public static IReadOnlyDictionary<string, TensorData> WeightsOf(Graph graph) => graph.Parameters.ToDictionary(p => p.Name, p => p.Value!, StringComparer.Ordinal);

    /// <summary>The tower that encodes; in 16 or 8 bits if the card wants so.</summary>
    /// <param name="card">the card</param>
    /// <param name="values">of the parameters, by name, in 32 bits or in 16, which the graph widens</param>
    /// <param name="output">the tower's output: <see cref="Visual"/> or <see cref="Textual"/></param>
    /// <exception cref="GraphException">A parameter has no value, or one of another shape.</exception>
    public static Graph Tower(EncoderCard card, IReadOnlyDictionary<string, TensorData> values, string output)
    {
        var graph = new Graph(output);
        AddForward(new Layers(graph, values), card, output == Visual, output == Textual ? (Dim?)UpTo(card.Text!.Length) : null);
        if (graph.Parameters.FirstOrDefault(p => p.Value is null) is { } missing) throw new GraphException($"the weights lack '{missing.Name}'");
        return card.Precision switch
        {
            Precision.EightBit => EightBit.Rewrite(graph),
            Precision.Half => HalfPrecision.Rewrite(graph),
            _ => graph,
        };
    }

    /// <summary>The name of a tower's free number of tokens, which says the context length that it was made for.</summary>
    internal static string UpTo(int tokens) => $"up to {tokens}";

    /// <summary>Adds the inputs, forward pass and outputs of one tower or both.</summary>
    /// <param name="layers">the graph</param>
    /// <param name="card">the card</param>
    /// <param name="readsImages">whether pictures are read</param>
    /// <param name="tokens">of every text; null: no texts are read</param>
    internal static void AddForward(Layers layers, EncoderCard card, bool readsImages, Dim? tokens)
    {
        var graph = layers.Graph;
        var pixels = readsImages ? graph.Input(Pixels, ElementType.Float32, ["batch", 3, card.Image!.Height, card.Image.Width]) : null;
        var text = tokens is { } length ? new TokenTensors(Tokens(Ids, length), Tokens(Mask, length)) : null;
        var features = card.Architecture.Forward(layers, card, pixels, text);
        if (features.Visual is not null) graph.Output(Visual, features.Visual);    // [B, F_v]
        if (features.Textual is not null) graph.Output(Textual, features.Textual); // [B, F_t]

        Tensor Tokens(string name, Dim length) => graph.Input(name, ElementType.Int64, ["batch", length]);
    }
}
