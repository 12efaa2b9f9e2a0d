using LmmRec.Encoders.Cards;

namespace LmmRec.Encoders.Tests.Architectures;

/// <summary>Spec 8: a graph of the right sizes has the published number of parameters.</summary>
public sealed class ParameterCountTests
{
    [Theory]
    [InlineData("clip-vit-b16", 149_620_737)]
    [InlineData("clip-vit-b32", 151_277_313)]
    [InlineData("clip-vit-l14", 427_616_513)]
    [InlineData("minilm-l6", 22_713_216)]
    [InlineData("vgg16", 138_357_544)]
    public void An_encoder_has_as_many_parameters_as_published(string card, long expected) => Assert.Equal(expected, Count(card, _ => true));

    [Fact]
    public void Vlmo_base_plus_has_as_many_parameters_without_heads_as_published() =>
        Assert.Equal(166_567_360, Count("vlmo-base-plus", name => name.StartsWith("transformer.", StringComparison.Ordinal) || name.Contains("embeddings.", StringComparison.Ordinal)));

    [Theory]
    [InlineData("vlmo-base", 12 * 12, 10)]
    [InlineData("vlmo-large", 24 * 16, 21)]
    public void Vlmo_base_and_large_have_one_table_of_relative_positions_and_layer_scale(string card, long columns, int fusionStart)
    {
        var shapes = Shapes(card).ToDictionary();
        Assert.Equal([1126, columns], shapes["relative_position_bias_table"]);
        Assert.Contains("transformer.blocks.0.gamma_1", shapes.Keys);
        Assert.DoesNotContain("transformer.pos_embed", shapes.Keys);
        Assert.DoesNotContain("text_embeddings.position_embeddings.weight", shapes.Keys);
        Assert.DoesNotContain($"transformer.blocks.{fusionStart - 1}.mlp_vl.fc1.weight", shapes.Keys);
        Assert.Contains($"transformer.blocks.{fusionStart}.mlp_vl.fc1.weight", shapes.Keys);
    }

    private static long Count(string card, Func<string, bool> counts) => Shapes(card).Where(p => counts(p.Name)).Sum(p => p.Shape.Aggregate(1L, (n, d) => n * d));

    private static IEnumerable<(string Name, long[] Shape)> Shapes(string card) =>
        EncoderGraph.Build(EncoderCard.Read(Path.Combine(Beside.Checkout, "onnx-models", card))).Parameters.Select(p => (p.Name, p.Tensor.Shape.ToArray()));
}
