namespace LmmRec.EndToEnd;

/// <summary>Runs in which some steps fail: the others are done, and what failed is told.</summary>
public sealed class FailedStepTests : IDisposable
{
    private static readonly string[] Quick = ["--set", "train.epochs=1", "--set", "train.options={}"];

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_encoder_that_cannot_be_read_stops_its_own_cases_alone()
    {
        await WriteEncoderAsync("bad", whole: false);
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), """{ "encoders": [{ "name": "good", "card": "clip-small" }, { "name": "bad", "card": "bad" }] }""", _cancellation);

        var ended = (await Run("run", "--jobs", "2")).Expect(3);
        Assert.Contains("vbpr-good-pt-vt-s999", ended.Output, StringComparison.Ordinal);
        Assert.Contains("report: ", ended.Output, StringComparison.Ordinal);
        Assert.Contains(" steps 1 failed:\n  featurize/bad: merges: there are ", ended.Error, StringComparison.Ordinal);
        var notRun = Assert.Single(ended.Error.Split('\n'), line => line.EndsWith(": not run, since featurize/bad failed", StringComparison.Ordinal));
        foreach (var step in new[] { "train/vbpr-bad-pt-vt-s999", "evaluate/vbpr-bad-pt-vt-s999" }) Assert.Contains(step, notRun, StringComparison.Ordinal);
        Assert.Contains("the last time: merges: there are", (await Run("status")).Expect(0).Output, StringComparison.Ordinal);
        (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(0);

        await WriteEncoderAsync("bad", whole: true);
        var mended = (await Run("run")).Expect(0);
        Assert.Contains("vbpr-bad-pt-vt-s999", mended.Output, StringComparison.Ordinal);
        Assert.Contains("train/bpr-s999: nothing changed, skipped", mended.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*~failed", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_fault_that_leaves_nothing_to_show_is_all_that_is_said()
    {
        var ended = (await Run("run", "--set", "evaluate.cutoffs=[999]")).Expect(1);
        Assert.EndsWith("evaluate.cutoffs: 999 is more than the 297 items of artifacts/sample/ingest; allowed 1 to 297\n", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("steps", ended.Error, StringComparison.Ordinal);
        Assert.Equal("", ended.Output);
    }

    [Fact]
    public async Task A_data_set_that_cannot_be_read_leaves_the_others()
    {
        const string Two = """experiment.datasets=[{ "dataset": { "name": "first" } }, { "dataset": { "name": "second", "source": "lattice" }, "data": "second", "ingest": { "split": { "kind": "given" } } }]""";
        string[] own = ["--set", Two, "--set", "train.recommenders=[\"bpr\"]"];
        Directory.CreateDirectory(_folder.PathOf("second"));
        var ended = (await Lmmrec.RunAsync(_folder.Path, ["run", .. own, "--set", "train.epochs=1"])).Expect(3);
        Assert.Contains("second/train/bpr-s999", ended.Error.Split('\n').Single(line => line.Contains(": not run, since second/ingest failed", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("bpr-s999", ended.Output, StringComparison.Ordinal);
    }

    private async Task WriteEncoderAsync(string folder, bool whole)
    {
        Directory.CreateDirectory(_folder.PathOf(folder));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "onnx-models", "clip-small")))
            File.Copy(file, Path.Combine(_folder.PathOf(folder), Path.GetFileName(file)), overwrite: true);
        if (!whole) await File.WriteAllTextAsync(Path.Combine(_folder.PathOf(folder), "merges.txt"), "#version: 0.2\n", _cancellation);
    }

    private Task<Ended> Run(string command, params string[] more) => Lmmrec.RunAsync(_folder.Path, [command, .. more, .. Quick]);
}
