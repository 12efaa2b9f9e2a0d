using System.ComponentModel.DataAnnotations;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>
/// Sizes of a BERT sentence encoder such as all-MiniLM-L6-v2 (docs/encoders.md#minilm). Context length and vocabulary are those of the card's text
/// section.
/// </summary>
public sealed record BertArchitecture : IArchitecture
{
    private const double Epsilon = 1e-12;
    private static readonly Initializer Normal = Initializers.Normal(0.02);

    /// <summary>The transformer.</summary>
    [Required]
    public TransformerSize Transformer { get; init; } = new();

    /// <summary>Width inside the feed-forward layers.</summary>
    [Required, Range(1, 65536)]
    public int Intermediate { get; init; }

    /// <summary>Rows of the table of positions; at least the context length.</summary>
    [Required, Range(1, 65536)]
    public int Positions { get; init; }

    bool IArchitecture.ReadsImages => false;

    bool IArchitecture.ReadsTexts => true;

    bool IArchitecture.MasksPadding => true;

    bool IArchitecture.IgnoresPadding => true;

    /// <summary>mean: the mean of the last hidden states over all real tokens, of length 1.</summary>
    IReadOnlyList<string> IArchitecture.Features => ["mean"];

    IEnumerable<(string Key, string Fault)> IArchitecture.Faults(EncoderCard card)
    {
        if (Positions < card.Text?.Length) yield return ("bert.positions", $"{Positions} are fewer than the {card.Text.Length} tokens of a text (text.length)");
    }

    bool IArchitecture.IsOptional(string parameter, EncoderCard card) => parameter.StartsWith("pooler.", StringComparison.Ordinal);

    FeatureTensors IArchitecture.Forward(Layers layers, EncoderCard card, Tensor? pixels, TokenTensors? text)
    {
        if (text is null) return new FeatureTensors(null, null);
        var width = Transformer.Width;
        var mask = Layers.PaddingMask(text.Mask);                                                              // [B, 1, 1, T]
        var x = layers.Embedding(text.Ids, "embeddings.word_embeddings.weight", card.Text!.Vocabulary, width, Normal) // [B, T, W]
            + layers.Parameter("embeddings.position_embeddings.weight", Normal, Positions, width).FirstOf(0, text.Ids, 1)
            + layers.Parameter("embeddings.token_type_embeddings.weight", Normal, 2, width).Slice(0, 0, 1);
        x = layers.LayerNorm(x, "embeddings.LayerNorm", Epsilon);
        for (var i = 0; i < Transformer.Layers; i++) x = Layer(layers, x, $"encoder.layer.{i}", mask);
        _ = layers.Linear(Layers.Position(x, 0), "pooler.dense", width, Normal);

        var real = text.Mask.Cast(ElementType.Float32).Unsqueeze(2);                                           // [B, T, 1]
        var mean = (x * real).ReduceSum([1]) / real.ReduceSum([1]).Max(1e-9);                                  // [B, W]
        return new FeatureTensors(null, mean.Normalize());
    }

    private Tensor Layer(Layers layers, Tensor x, string name, Tensor mask)
    {
        var width = Transformer.Width;
        var (q, k, v) = (Project("query"), Project("key"), Project("value"));
        var attended = layers.Linear(Layers.Attention(q, k, v, Transformer.Heads, mask), $"{name}.attention.output.dense", width, Normal);
        x = layers.LayerNorm(x + attended, $"{name}.attention.output.LayerNorm", Epsilon);
        var hidden = layers.Linear(x, $"{name}.intermediate.dense", Intermediate, Normal).Gelu();
        return layers.LayerNorm(x + layers.Linear(hidden, $"{name}.output.dense", width, Normal), $"{name}.output.LayerNorm", Epsilon);

        Tensor Project(string what) => layers.Linear(x, $"{name}.attention.self.{what}", width, Normal);
    }
}
