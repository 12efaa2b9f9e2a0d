using System.Globalization;

namespace LmmRec.EndToEnd;

/// <summary>Controls of an encoder, through the real command.</summary>
public sealed class ControlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task On_the_sample_whose_customers_buy_by_looks_and_words_features_of_other_items_do_not_help()
    {
        var ended = (await Run("run", """["shuffled"]""", "--set", """train={ "recommenders": ["vbpr"], "batchSize": 128 }""")).Expect(0);
        Assert.True(Recall("vbpr-clip-small-shuffled-pt-vt-s999") < Recall("vbpr-clip-small-pt-vt-s999"), ended.Output);

        double Recall(string name) => double.Parse(
            ended.Output.Split('\n').Single(line => line.Contains($" {name} ", StringComparison.Ordinal)).Split((char[])[' ', '│', '|'], StringSplitOptions.RemoveEmptyEntries)[2], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_control_whose_folder_another_encoder_has_is_refused()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "config", "--set",
            """encoders=[{ "name": "a", "card": "clip-small", "controls": ["noise"] }, { "name": "a-noise", "card": "clip-small" }]""")).Expect(2);
        Assert.Contains("encoder 'a-noise' and what another makes would both lie in the folder 'a-noise'; give it another name", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_control_is_made_after_the_parts_are_put_together()
    {
        (await Lmmrec.RunAsync(_folder.Path, "ingest")).Expect(0);
        (await Run("featurize", """["constant"]""", "--shard", "1/1")).Expect(0);
        (await Run("featurize", """["constant"]""", "--merge")).Expect(0);
        (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(0);
        Assert.True(File.Exists(_folder.PathOf("artifacts/sample/features/clip-small-constant/manifest.json")));
    }

    private Task<Ended> Run(string command, string controls, params string[] more) =>
        Lmmrec.RunAsync(_folder.Path, [command, "--set", $$"""encoders=[{ "name": "clip-small", "card": "clip-small", "controls": {{controls}} }]""", .. more]);
}
