using System.Text.Json.Nodes;

namespace LmmRec.EndToEnd;

/// <summary>Tuning and training end to end by the real command, also where its process is killed.</summary>
public sealed class TuneTests : IDisposable
{
    private static readonly string[] Tuned = ["--set", """encoders=[{ "name": "clip", "card": "onnx-models/clip-small", "tune": { "epochs": 6, "batch": 32 } }]"""];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_killed_tuning_goes_on_and_gives_the_same_bytes_and_says_what_it_reached()
    {
        var whole = await StartAsync("whole", Tuned);
        var tuned = (await whole(["tune", "clip"])).Expect(0);
        Assert.Contains("picture → text recall@10", tuned.Output, StringComparison.Ordinal);
        Assert.Contains(" pairs that were held out; best epoch: ", tuned.Output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine("whole", "sample", "encoders", "clip-ft"), tuned.Output, StringComparison.Ordinal);

        var killed = await StartAsync("killed", Tuned);
        using (var tuning = Lmmrec.Start(_folder.Path, ["tune", "clip", "--workspace", "killed", .. Tuned]))
        {
            await tuning.WaitForAsync(() => IsSaved("killed/sample/encoders/clip-ft~unfinished", "last"));
            tuning.Kill();
            await tuning.EndAsync();
        }
        Assert.False(Directory.Exists(_folder.PathOf("killed/sample/encoders/clip-ft")));
        var next = (await killed(["tune", "clip"])).Expect(0);
        Assert.Contains("tune/clip: runs (goes on with epoch ", next.Error, StringComparison.Ordinal);
        Assert.Equal(Content("whole/sample/encoders/clip-ft"), Content("killed/sample/encoders/clip-ft"));
        Assert.Equal(tuned.Output, next.Output.Replace("killed", "whole", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_trained_and_kept_and_writes_nothing()
    {
        string[] dry = ["tune", "clip", "--dry-run", "--set", """encoders=[{ "name": "clip", "card": "onnx-models/clip-small", "tune": { "epochs": 6, "batch": 32, "lastBlocks": 1, "augment": false, "keepPrefix": "float16" } }]"""];
        var before = (await Lmmrec.RunAsync(_folder.Path, dry)).Expect(0).Output;
        Assert.Contains("pairs of picture and text: not known until ingest has run; epochs: 6, with batches of 32", before, StringComparison.Ordinal);
        Assert.Contains("kept prefix: not known until ingest has run", before, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));

        (await Lmmrec.RunAsync(_folder.Path, "ingest")).Expect(0);
        var written = Content();
        var said = (await Lmmrec.RunAsync(_folder.Path, dry)).Expect(0).Output;
        Assert.Equal(written, Content());
        Assert.Contains("pairs of picture and text: 292 of 297 items, held out: 29; epochs: 6, each of 8 batches of 32", said, StringComparison.Ordinal);
        Assert.Matches(@"kept prefix: [\d.]+ MB of disk until the tuning ends", said);
        Assert.Matches(@"visual\.transformer\.resblocks, block 2 +0 +111,840", said);
        Assert.Matches(@"visual\.transformer\.resblocks, block 3 +111,840 +0", said);
        Assert.Contains("--threads: is not used, since --dry-run runs nothing", (await Lmmrec.RunAsync(_folder.Path, [.. dry, "--threads", "2"])).Expect(2).Error, StringComparison.Ordinal);

        Dictionary<string, byte[]> Content() => Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllBytes);
    }

    [Fact]
    public async Task A_training_end_to_end_that_is_killed_after_an_epoch_goes_on_and_gives_the_same_bytes()
    {
        const string model = "vbpr-clip-ete-vt-s999";
        string[] options = ["--set", """encoders=[{ "name": "clip", "card": "onnx-models/clip-small", "paradigms": ["pt", "ete"] }]""", "--set", "train.recommenders=[\"vbpr\"]", "--set", "train.options={}", "--set", "train.epochs=4", "--set", "train.ete.encoderItems=16", "--set", "train.ete.learningRate=0.001"];
        var whole = await StartAsync("whole", options);
        (await whole(["featurize"])).Expect(0);
        (await whole(["train"])).Expect(0);

        var killed = await StartAsync("killed", options);
        (await killed(["featurize"])).Expect(0);
        using (var training = Lmmrec.Start(_folder.Path, ["train", "--workspace", "killed", .. options]))
        {
            await training.WaitForAsync(() => IsSaved($"killed/sample/models/{model}~unfinished", "last"));
            training.Kill();
            await training.EndAsync();
        }
        Assert.False(Directory.Exists(_folder.PathOf($"killed/sample/models/{model}")));
        var next = (await killed(["train"])).Expect(0);
        Assert.Contains($"train/{model}: runs (goes on with epoch ", next.Error, StringComparison.Ordinal);
        Assert.Equal(Content($"whole/sample/models/{model}"), Content($"killed/sample/models/{model}"));
    }

    /// <summary>At once it would be more than a GB.</summary>
    [Fact]
    public async Task A_batch_of_1024_pairs_takes_the_memory_of_its_parts()
    {
        const int items = 1200;
        await File.WriteAllLinesAsync(_folder.PathOf("items.csv"), [.. Enumerable.Range(0, items).Select(i => $"{i},thing number {i}").Prepend("item,title")], TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(_folder.PathOf("orders.csv"), [.. Enumerable.Range(0, items).SelectMany(i => Enumerable.Range(0, 6).Select(n => $"u{(i + n * 7) % 200},{i}")).Prepend("user,item")], TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder.PathOf("images"));
        for (var i = 0; i < items; i++) await File.WriteAllBytesAsync(_folder.PathOf($"images/{i}.png"), Pictures.Png(Pictures.Draw(24, 24, seed: i)), TestContext.Current.CancellationToken);
        (await Lmmrec.RunAsync(_folder.Path, "init", "--items", "items.csv", "--interactions", "orders.csv", "--images", "images")).Expect(0);
        (await Lmmrec.RunAsync(_folder.Path, "ingest")).Expect(0);

        var (small, large) = (await PeakAsync(8), await PeakAsync(1024));
        Assert.InRange(large, 1, small + 150);

        async Task<long> PeakAsync(int batch)
        {
            (await Lmmrec.RunAsync(_folder.Path, "tune", "clip-small", "--set", $$"""encoders=[{ "name": "clip-small", "card": "onnx-models/clip-small", "tune": { "epochs": 1, "batch": {{batch}}, "microBatch": 8, "augment": false } }]""")).Expect(0);
            var folder = Directory.EnumerateDirectories(_folder.PathOf("artifacts"), "clip-small-ft", SearchOption.AllDirectories).Single();
            return (long)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "timings.json"), TestContext.Current.CancellationToken))!["peakMegabytes"]!;
        }
    }

    [Fact]
    public async Task A_name_that_is_nearly_a_cards_and_a_folder_without_one_are_told_what_to_do()
    {
        Assert.Contains("did you mean 'clip-small'?", (await Lmmrec.RunAsync(_folder.Path, "tune", "clip-smal")).Expect(2).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.PathOf("weights"));
        Assert.Contains("weights' makes an encoder of a folder of weights", (await Lmmrec.RunAsync(_folder.Path, "tune", "weights")).Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoder_that_has_the_name_of_a_configured_one_and_another_card_is_refused()
    {
        string[] clash = ["--set", """encoders=[{ "name": "clip-small", "card": "onnx-models/clip-sample" }]"""];
        var folder = Path.Combine(Beside.Checkout, "onnx-models", "clip-small");
        var ended = (await Lmmrec.RunAsync(_folder.Path, ["tune", folder, .. clash])).Expect(2);
        Assert.Contains("would lie in the folder of the configuration's encoder 'clip-small', encoders/clip-small-ft", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoder_that_reads_no_pictures_is_refused_by_config_already()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "config", "--set", """encoders=[{ "name": "bert", "card": "onnx-models/minilm-l6", "paradigms": ["pt", "ft"] }]""", "--set", "train.modalities=[\"t\"]")).Expect(2);
        Assert.Contains("encoder 'bert' cannot be tuned: it reads no pictures", ended.Error, StringComparison.Ordinal);
    }

    // A workspace with the sample shop.
    private async Task<Func<string[], Task<Ended>>> StartAsync(string workspace, string[] options)
    {
        (await Lmmrec.RunAsync(_folder.Path, "ingest", "--workspace", workspace)).Expect(0);
        return Run;

        Task<Ended> Run(string[] arguments) => Lmmrec.RunAsync(_folder.Path, [.. arguments, "--workspace", workspace, .. options]);
    }

    private bool IsSaved(string unfinished, string state) => Directory.Exists(_folder.PathOf(unfinished))
        && Directory.EnumerateFiles(_folder.PathOf(unfinished), "checkpoint.json", SearchOption.AllDirectories).Any(path => Path.GetFileName(Path.GetDirectoryName(path)) == state);

    private string Content(string artifact) => (string)JsonNode.Parse(File.ReadAllText(_folder.PathOf(artifact + "/manifest.json")))!["content"]!;
}
