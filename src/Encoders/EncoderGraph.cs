using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>A card's encoder as a graph with the inputs pixels [batch, 3, S, S], ids and mask [batch, T] and the outputs visual and textual, as far as it has them.</summary>
public static class EncoderGraph
{
    public const string Pixels = "pixels", Ids = "ids", Mask = "mask", Visual = "visual", Textual = "textual";

    /// <summary>Builds the forward graph; its parameters have no values yet.</summary>
    public static Graph Build(EncoderCard card)
    {
        var graph = new Graph("encoder");
        var pixels = card.Image is null ? null : graph.Input(Pixels, ElementType.Float32, ["batch", 3, card.Image.Crop, card.Image.Crop]);
        var text = card.Text is null ? null : new TokenTensors(Tokens(Ids), Tokens(Mask));
        var features = card.Architecture.Forward(new Layers(graph), card, pixels, text);
        if (features.Visual is not null) graph.Output(Visual, features.Visual);    // [B, F_v]
        if (features.Textual is not null) graph.Output(Textual, features.Textual); // [B, F_t]
        return graph;

        Tensor Tokens(string name) => graph.Input(name, ElementType.Int64, ["batch", card.Text.Length]);
    }

    /// <summary>Builds the forward graph with weights drawn from <paramref name="seed"/>: the same ones on every machine.</summary>
    public static Graph BuildSeeded(EncoderCard card, long seed)
    {
        var graph = Build(card);
        graph.Initialize(SeededRandom.For(seed, "encoder"));
        return graph;
    }

    /// <summary>The graph that encodes with the weights of <paramref name="graph"/>: itself, or one whose linear layers are rounded to 8 bits if the card wants so.</summary>
    public static Graph ForInference(EncoderCard card, Graph graph) => card.Precision == Precision.Full ? graph : EightBit.Rewrite(graph);
}
