using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Featurize.Tests;

public sealed class EncoderOptionsTests
{
    [Theory]
    [InlineData("""{ "name": "a" }""", "neither card nor slot")]
    [InlineData("""{ "name": "a", "card": "x", "slot": "visual" }""", "both card and slot")]
    [InlineData("""{ "name": "a", "slot": "visual", "file": "../b.npy" }""", "file: \"../b.npy\" must lie in the data folder")]
    [InlineData("""{ "name": "a", "slot": "visual", "file": "/b.npy" }""", "file: \"/b.npy\" must lie in the data folder")]
    [InlineData("""{ "card": "x" }""", "name: is required")]
    [InlineData("""{ "name": "../a", "card": "x" }""", "name: is no name")]
    [InlineData("""{ "name": "a", "slot": "audio" }""", "slot: unknown value 'audio'")]
    [InlineData("""{ "name": "a", "card": "x", "paradigms": ["fx"] }""", "paradigms.0: unknown value 'fx'; did you mean 'ft'?")]
    [InlineData("""{ "name": "a", "card": "x", "paradigms": [] }""", "paradigms: needs at least 1")]
    [InlineData("""{ "name": "a", "card": "x", "controls": ["shuffle"] }""", "controls.0: unknown value 'shuffle'; did you mean 'shuffled'?")]
    [InlineData("""{ "name": "a", "card": "x", "controls": ["noise", "noise"] }""", "controls: names a control twice")]
    [InlineData("""{ "name": "a", "card": "x", "paradigms": ["ft"], "controls": ["noise"] }""", "controls: stand in for the features of pt, and paradigms does not name it")]
    [InlineData("""{ "name": "a", "card": "x", "precision": "half", "paradigms": ["pt", "ete"] }""", "precision: ete trains the weights in full")]
    public void Options_that_make_no_sense_are_refused(string json, string fault) =>
        Assert.Contains(fault, Assert.Throws<ConfigurationException>(() => ConfigurationBinder.Bind<EncoderOptions>(ConfigurationFile.Parse(json, "test"))).Message);

    [Fact]
    public void Cards_are_read_before_anything_runs_and_all_their_faults_are_listed()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("broken"));
        File.WriteAllText(folder.PathOf("broken/card.json"), """{ "architecture": "clip" }""");
        EncoderOptions[] encoders = [new() { Name = "a", Card = "absent" }, new() { Name = "b", Card = "broken" }];
        var faults = Assert.Throws<ConfigurationException>(() => FeaturizeStage.Artifacts(encoders, "ingest", "encoders", "features", [folder.Path])).Faults;
        Assert.Contains(faults, f => f.Contains("encoders.0.card: there is no card.json in", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Contains("architecture: unknown key", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("onnx-models/clip-small")]
    [InlineData("clip-small")] // as commands name it
    public void An_artifact_says_which_slots_it_fills(string card)
    {
        EncoderOptions[] encoders = [new() { Name = "clip", Card = card }, new() { Name = "audio", Slot = Slot.Textual }];
        var artifacts = FeaturizeStage.Artifacts(encoders, "ingest", "encoders", "features", [Beside.Checkout]);
        Assert.Equal([("clip", "pt", true, true), ("audio", "pt", false, true)], artifacts.Select(a => (a.Encoder, a.Paradigm, a.Visual, a.Textual)));
        Assert.Equal(Path.Combine("features", "clip"), artifacts[0].Step.Folder);
    }
}
