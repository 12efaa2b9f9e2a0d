using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

/// <summary>What must hold of the architectures whatever their weights (docs/encoders.md#checks).</summary>
public sealed class ArchitectureTests
{
    private static readonly TransformerSize Small = new() { Width = 24, Layers = 3, Heads = 3 };
    private static readonly ImagePreprocessing Pictures = new() { ResizeTo = [32], Crop = [32] };

    private static readonly EncoderCard Bert = new()
    {
        Bert = new BertArchitecture { Transformer = Small, Intermediate = 48, Positions = 16 },
        Text = new TextTokenization { File = "unused", Vocabulary = 50, Length = 12 },
    };

    private static EncoderCard Vlmo(bool relative, int length = 12, string? feature = null) => new()
    {
        Vlmo = new VlmoArchitecture { Transformer = Small, Patch = 8, FusionStart = 2, Relative = relative },
        Image = Pictures,
        Text = new TextTokenization { File = "unused", Vocabulary = 50, Length = length },
        Feature = feature,
    };

    [Fact]
    public void A_sentence_vector_has_length_1()
    {
        var vector = Run(Bert, [2, 7, 8, 9, 3], padding: 0);
        Assert.Equal(1, Math.Sqrt(vector.Sum(v => (double)v * v)), 1e-6);
    }

    /// <summary>The same text in a graph of another context length and with another padding.</summary>
    [Fact]
    public void Padding_does_not_change_a_sentence_vector() => EqualWithLessPadding(Bert, Bert with { Text = Bert.Text! with { Length = 6 } });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Padding_does_not_change_a_text_vector_of_vlmo(bool relative) => EqualWithLessPadding(Vlmo(relative), Vlmo(relative, length: 6));

    [Fact]
    public void Vlmo_offers_its_class_token_before_and_after_the_norm_and_its_contrastive_vector()
    {
        long[] ids = [2, 7, 8, 9, 3];
        var vectors = new[] { "post_norm", "pre_norm", "itc" }.Select(feature => Run(Vlmo(false, feature: feature), ids, padding: 0)).ToList();
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.NotEqual(vectors[0], vectors[2]);
        Assert.Equal(vectors[0], Run(Vlmo(false), ids, padding: 0));
    }

    /// <summary>
    /// The rules of docs/encoders.md#relative-positions, on a grid of 4 × 4 and the offsets that follow from it: 49 differences, then 49 … 51, 52,
    /// 53, then texts.
    /// </summary>
    [Theory]
    [InlineData(1, 1, 24)]         // a patch and itself: (0 + 3) · 7 + 0 + 3
    [InlineData(1, 16, 0)]         // first and last patch
    [InlineData(16, 1, 48)]
    [InlineData(0, 5, 49)]
    [InlineData(5, 0, 50)]
    [InlineData(0, 0, 51)]
    public void Relative_positions_of_patches_follow_the_rules(int i, int j, int expected) => Assert.Equal(expected, RelativePositions.ImageIndex(4, i, j));

    [Theory]
    [InlineData(1, 1, 14, 194 + 734)]
    [InlineData(3, 1, 14, 192 + 734)]
    [InlineData(0, 7, 14, 1123)]
    [InlineData(7, 0, 14, 1124)]
    [InlineData(0, 0, 14, 1125)]
    public void Relative_positions_of_words_follow_the_rules(int i, int j, int grid, int expected) => Assert.Equal(expected, RelativePositions.TextIndex(grid, i, j));

    private static void EqualWithLessPadding(EncoderCard card, EncoderCard shorter)
    {
        long[] text = [2, 0, 8, 9, 3]; // id 0 is a word where the vocabulary has its padding elsewhere
        var (a, b) = (Run(card, text, padding: 0), Run(shorter, text, padding: 5));
        Assert.All(a.Zip(b), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    // Weights by name, so that graphs of different context lengths share them.
    private static float[] Run(EncoderCard card, long[] text, long padding)
    {
        var graph = EncoderGraph.Build(card);
        foreach (var parameter in graph.Parameters)
        {
            var random = SeededRandom.For(3, parameter.Name);
            var values = new float[parameter.Tensor.Shape.Size.Value];
            for (var i = 0; i < values.Length; i++) values[i] = (float)(0.3 * random.NextNormal());
            parameter.Set(TensorData.Of(values, parameter.Tensor.Shape.ToArray()).Reshaped(parameter.Tensor.Shape.ToArray()));
        }
        using var model = InferenceModel.Open(graph);
        var length = card.Text!.Length;
        long[] ids = [.. text, .. Enumerable.Repeat(padding, length - text.Length)], mask = [.. ids.Select((_, i) => i < text.Length ? 1L : 0)];
        var batch = new Batch { [EncoderGraph.Ids] = TensorData.Of(ids, 1, length), [EncoderGraph.Mask] = TensorData.Of(mask, 1, length) };
        if (card.Image is not null) batch[EncoderGraph.Pixels] = TensorData.Of(new float[3 * 32 * 32], 1, 3, 32, 32);
        return model.Run(batch)[EncoderGraph.Textual].As<float>();
    }
}
