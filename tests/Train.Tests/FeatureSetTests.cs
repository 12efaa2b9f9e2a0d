using LmmRec.Artifacts;

namespace LmmRec.Train.Tests;

public sealed class FeatureSetTests
{
    private static readonly FeatureSource Clip = new("clip", "pt", "clip", Visual: true, Textual: true);
    private static readonly FeatureSource Vgg = new("vgg", "pt", "vgg", Visual: true, Textual: false);
    private static readonly FeatureSource MiniLM = new("minilm", "pt", "minilm", Visual: false, Textual: true);
    private static readonly FeatureSource Audio = new("audio", "pt", "audio", Visual: false, Textual: true);

    [Fact]
    public void Both_slots_are_filled_by_one_encoder_or_by_a_pair() =>
        Assert.Equal(
            [new("clip", "pt", Clip, Clip), new("vgg+minilm", "pt", Vgg, MiniLM), new FeatureSet("vgg+audio", "pt", Vgg, Audio)],
            FeatureSet.For("vt", [Clip, Vgg, MiniLM, Audio]));

    [Fact]
    public void One_slot_is_filled_by_each_encoder_that_has_the_modality_once()
    {
        Assert.Equal([new("clip", "pt", Clip, null), new FeatureSet("vgg", "pt", Vgg, null)], FeatureSet.For("v", [Clip, Vgg, MiniLM, Audio]));
        Assert.Equal([new FeatureSet("minilm", "pt", null, MiniLM)], FeatureSet.For("t", [Vgg, MiniLM]));
    }

    [Fact]
    public void A_case_end_to_end_is_one_of_its_own_beside_that_of_the_same_encoder_as_it_was() =>
        Assert.Equal(["vbpr-clip-pt-vt-s999", "vbpr-clip-ete-vt-s999"], TrainCase.All(new TrainOptions { Recommenders = ["vbpr"] }, [Clip, Clip with { Paradigm = "ete", Card = "clip" }]).Select(c => c.Name));

    [Fact]
    public void A_control_is_paired_with_a_control_of_its_kind_or_with_an_encoder_that_has_none()
    {
        var (vgg, minilm) = (ShuffledOf(Vgg), ShuffledOf(MiniLM));
        Assert.Equal(["vgg+minilm", "vgg+audio", "vgg-shuffled+audio", "vgg-shuffled+minilm-shuffled"], FeatureSet.For("vt", [Vgg, MiniLM, Audio, vgg, minilm]).Select(set => set.Name));
        Assert.Equal(["vgg+minilm", "vgg+minilm-shuffled"], FeatureSet.For("vt", [Vgg, MiniLM, minilm]).Select(set => set.Name));
    }

    [Fact]
    public void A_case_on_controls_names_the_one_on_the_features_themselves()
    {
        var cases = TrainCase.All(new TrainOptions { Recommenders = ["vbpr"] }, [Clip, Vgg, MiniLM, ShuffledOf(Clip), ShuffledOf(MiniLM)]);
        Assert.Equal(
            [
                ("vbpr-clip-pt-vt-s999", null), ("vbpr-vgg+minilm-pt-vt-s999", null), ("vbpr-vgg+minilm-shuffled-pt-vt-s999", "vbpr-vgg+minilm-pt-vt-s999"),
                ("vbpr-clip-shuffled-pt-vt-s999", "vbpr-clip-pt-vt-s999"),
            ],
            cases.Select(c => (c.Name, c.ControlOf)));
    }

    [Fact]
    public void A_modality_that_no_encoder_gives_is_a_fault() => Fails("needs visual and textual features for 'vbpr'", ["vt"], Vgg);

    [Fact]
    public void An_encoder_that_no_case_uses_is_a_fault() => Fails("'minilm' fills no slot of train.modalities (v); add \"t\" to it", ["v"], Vgg, MiniLM);

    [Fact]
    public void A_recommender_without_content_is_one_case_per_seed_whatever_the_encoders() =>
        Assert.Equal(["bpr-s1", "bpr-s2", "vbpr-clip-pt-vt-s1", "vbpr-clip-pt-vt-s2"], TrainCase.All(new TrainOptions { Seeds = [1, 2] }, [Clip]).Select(c => c.Name));

    private static FeatureSource ShuffledOf(FeatureSource source) => source with { Name = $"{source.Name}-shuffled", Control = "shuffled", ControlOf = source.Name };

    private static void Fails(string text, string[] modalities, params FeatureSource[] sources)
    {
        var error = Assert.Throws<ConfigurationException>(() => TrainCase.All(new TrainOptions { Modalities = modalities }, sources));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }
}
