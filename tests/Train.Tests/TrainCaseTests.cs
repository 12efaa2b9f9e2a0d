using LmmRec.Artifacts;

namespace LmmRec.Train.Tests;

public sealed class TrainCaseTests
{
    private static readonly FeatureSource[] Pair = [new("image", "pt", "image", true, false), new("audio", "pt", "audio", false, true)];

    [Fact]
    public void A_recommender_without_content_is_trained_once_per_seed_and_one_with_it_once_more_per_modalities() =>
        Assert.Equal(
            ["lightgcn-s1", "lightgcn-s2", "lattice-image-pt-v-s1", "lattice-image-pt-v-s2", "lattice-image+audio-pt-vt-s1", "lattice-image+audio-pt-vt-s2"],
            TrainCase.All(new TrainOptions { Recommenders = ["lightgcn", "lattice"], Modalities = ["v", "vt"], Seeds = [1, 2] }, Pair).Select(c => c.Name));

    [Fact]
    public void A_recommender_that_fuses_modalities_refuses_to_be_trained_on_one()
    {
        var error = Assert.Throws<ConfigurationException>(() => TrainCase.All(new TrainOptions { Recommenders = ["mgcn"], Modalities = ["v"] }, Pair));
        Assert.Contains("'mgcn' fuses both modalities", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_modality_that_no_encoder_gives_is_refused()
    {
        var error = Assert.Throws<ConfigurationException>(() => TrainCase.All(new TrainOptions { Recommenders = ["mmgcl"] }, [Pair[0]]));
        Assert.Contains("'vt' needs visual and textual", error.Message, StringComparison.Ordinal);
    }
}
