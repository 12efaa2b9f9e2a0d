using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Training;

/// <summary>
/// The losses of VLMo's fused path over a micro-batch of b items (docs/encoders.md#fine-tuning-losses): matching, on the b right pairs, on the b texts with
/// a wrong picture each, and on the b pictures with a wrong text each; and words, on the texts with some of them masked. Besides the inputs of
/// pictures and texts it is fed those named here; texts have the context length.
/// </summary>
public static class FusedLoss
{
    /// <summary>The scalar outputs: each is a mean, matching over the pairs that count and words over the labels that do.</summary>
    public const string Matching = "matching", Words = "words";

    /// <summary>A wrong picture for each text [b, 3, H, W].</summary>
    public const string WrongPixels = "wrong_pixels";

    /// <summary>A wrong text for each picture [b, T].</summary>
    public const string WrongIds = "wrong_ids", WrongMask = "wrong_mask";

    /// <summary>For the right pairs, those of a wrong picture and those of a wrong text [3 b]: 1, 0, 0, or −1 where a pair does not count.</summary>
    public const string Matches = "matches";

    /// <summary>The texts with some of their tokens masked [b, T].</summary>
    public const string MaskedIds = "masked_ids";

    /// <summary>The token that stood at a place, or −1 where none is asked for [b, T].</summary>
    public const string WordLabels = "word_labels";

    /// <summary>The weight of <see cref="Words"/> in the whole; that of <see cref="Matching"/> is 1.</summary>
    public const double WordsWeight = 0.25;

    /// <summary><see cref="Matches"/> where all pairs of <paramref name="rows"/> items count.</summary>
    public static TensorData AllMatches(int rows) => TensorData.Of(Enumerable.Range(0, 3 * rows).Select(pair => pair < rows ? 1L : 0L).ToArray());

    /// <summary>Adds inputs, losses and their outputs.</summary>
    internal static void Add(Layers layers, EncoderCard card, Tensor pixels, TokenTensors text)
    {
        var (graph, vlmo) = (layers.Graph, new Vlmo(layers, card));
        var wrongPixels = graph.Input(WrongPixels, pixels.Type, pixels.Shape);
        var wrong = new TokenTensors(graph.Input(WrongIds, ElementType.Int64, text.Ids.Shape), graph.Input(WrongMask, ElementType.Int64, text.Ids.Shape));
        var pairs = new TokenTensors(graph.Concat(0, text.Ids, text.Ids, wrong.Ids), graph.Concat(0, text.Mask, text.Mask, wrong.Mask)); // [3 b, T]
        var matches = graph.Input(Matches, ElementType.Int64, [pairs.Ids.Shape[0]]);
        var logits = vlmo.MatchLogits(vlmo.Pooled(vlmo.Fused(pairs, graph.Concat(0, pixels, wrongPixels, pixels))));                    // [3 b, 2]
        graph.Output(Matching, ClassificationLoss.CrossEntropy(logits, matches));

        var masked = text with { Ids = graph.Input(MaskedIds, ElementType.Int64, text.Ids.Shape) };
        var labels = graph.Input(WordLabels, ElementType.Int64, text.Ids.Shape);
        graph.Output(Words, ClassificationLoss.CrossEntropy(vlmo.WordLogits(vlmo.Fused(masked, pixels)), labels));
    }
}
