namespace LmmRec.Train.Tests;

public sealed class FeatureSetTests
{
    [Fact]
    public void An_encoder_of_both_modalities_is_a_set_and_single_ones_are_paired() =>
        Assert.Equal(
            [
                new FeatureSet("clip", "pt", "clip", "clip"),
                new FeatureSet("vgg+minilm", "pt", "vgg", "minilm"),
                new FeatureSet("vgg+audio", "pt", "vgg", "audio"),
            ],
            FeatureSet.From([Source("clip", true, true), Source("vgg", true, false), Source("minilm", false, true), Source("audio", false, true)]));

    [Fact]
    public void A_single_encoder_without_a_partner_stands_alone() =>
        Assert.Equal([new FeatureSet("vgg", "pt", "vgg", null)], FeatureSet.From([Source("vgg", true, false)]));

    [Theory]
    [InlineData("v", true)]
    [InlineData("t", false)]
    [InlineData("vt", false)]
    public void A_set_without_texts_has_no_textual_modality(string modalities, bool has) =>
        Assert.Equal(has, new FeatureSet("vgg", "pt", "vgg", null).Has(modalities));

    private static FeatureSource Source(string name, bool visual, bool textual) => new(name, "pt", name, visual, textual);
}
