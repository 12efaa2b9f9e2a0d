using System.Text.Json.Nodes;

namespace LmmRec.EndToEnd;

/// <summary>The whole pipeline on the sample, with few epochs.</summary>
public sealed class SampleRunTests : IDisposable
{
    private static readonly string[] Quick = ["--set", "train.epochs=3", "--set", "train.options={}"];

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_ends_with_the_table_and_the_report_and_the_next_one_skips_everything()
    {
        var first = (await Run("run")).Expect(0);
        Assert.Contains("bpr-s999", first.Output, StringComparison.Ordinal);
        Assert.Contains("vbpr-clip-small-pt-vt-s999", first.Output, StringComparison.Ordinal);
        var report = first.Output.Split('\n').Single(l => l.StartsWith("report: ", StringComparison.Ordinal))["report: ".Length..].Trim();
        Assert.True(File.Exists(_folder.PathOf(report)), report);

        var status = (await Run("status")).Expect(0);
        Assert.DoesNotContain("would run", status.Output, StringComparison.Ordinal);
        (await Run("verify")).Expect(0);

        var second = (await Run("run")).Expect(0);
        Assert.DoesNotContain(": runs (", second.Error, StringComparison.Ordinal);
        Assert.Equal(first.Output, second.Output);

        var changed = (await Run("status", "--set", "train.seeds=[1]")).Expect(0);
        Assert.Contains("there is no artifact yet", changed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stages_run_alone_one_after_the_other_and_say_what_they_wait_for()
    {
        var early = (await Run("train")).Expect(1);
        Assert.Contains("needs ingest", early.Error, StringComparison.Ordinal);
        foreach (var stage in new[] { "ingest", "featurize", "train", "evaluate" }) (await Run(stage)).Expect(0);
        (await Run("verify")).Expect(0);
    }

    [Fact]
    public async Task Two_runs_give_the_same_bytes_whatever_the_number_of_threads_and_of_steps_at_once()
    {
        const string All = """train.recommenders=["bpr", "lightgcn", "vbpr", "mmgcn", "mmgcl", "slmrec", "lattice", "freedom", "bm3", "mgcn"]""";
        (await Run("run", "--workspace", "a", "--threads", "1", "--set", All)).Expect(0);
        (await Run("run", "--workspace", "b", "--threads", "4", "--jobs", "3", "--set", All)).Expect(0);
        Assert.Equal(Files("a"), Files("b"));
    }

    [Fact]
    public async Task Tuning_and_training_end_to_end_give_the_same_bytes_whatever_the_number_of_threads()
    {
        string[] all =
        [
            "--set", """encoders=[{ "name": "clip", "card": "onnx-models/clip-small", "paradigms": ["pt", "ft", "ete"], "tune": { "epochs": 1 } }]""",
            "--set", "train.recommenders=[\"vbpr\"]", "--set", "train.ete.learningRate=0.001", "--set", "ingest.sample=100",
        ];
        foreach (var threads in new[] { "1", "2" }) (await Run(["run", "--workspace", threads, "--threads", threads, .. all])).Expect(0);
        Assert.Equal(Files("1"), Files("2"));
    }

    [Fact]
    public async Task Verify_names_a_file_that_was_changed()
    {
        (await Run("ingest")).Expect(0);
        var file = _folder.PathOf("artifacts/sample/ingest/users.parquet");
        var bytes = await File.ReadAllBytesAsync(file, _cancellation);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, _cancellation);
        var ended = (await Run("verify")).Expect(1);
        Assert.Contains("users.parquet", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_on_the_same_workspace_is_refused()
    {
        using var first = Lmmrec.Start(_folder.Path, ["run", .. Endless]);
        await first.WaitForAsync("train/bpr-s999: runs");
        var second = (await Run("run")).Expect(5);
        Assert.Contains($"process {first.Id}", second.Error, StringComparison.Ordinal);
        first.Kill();
        await first.EndAsync();
        (await Run("status")).Expect(0);
        (await Run("ingest")).Expect(0); // the dead process's lock is free
    }

    [Theory]
    [InlineData("1", "train/bpr-s999: runs")]
    [InlineData("2", "train/bpr-s999: runs", "train/vbpr-clip-small-pt-vt-s999: runs")]
    public async Task An_interrupted_run_says_so_and_leaves_nothing_that_looks_finished_and_the_same_command_goes_on(string jobs, params string[] running)
    {
        string[] command = ["run", .. Endless, "--jobs", jobs];
        using var run = Lmmrec.Start(_folder.Path, command);
        foreach (var step in running) await run.WaitForAsync(step);
        await run.WaitForAsync(() => Saved().Count() >= running.Length);
        run.Interrupt();
        (await run.EndAsync()).Expect(130);
        Assert.Empty(Directory.EnumerateFiles(_folder.PathOf("artifacts/sample/models"), "manifest.json", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateDirectories(_folder.Path, "*~writing", SearchOption.AllDirectories));
        (await Run("verify")).Expect(0);

        using var again = Lmmrec.Start(_folder.Path, command);
        foreach (var step in running) await again.WaitForAsync($"{step} (goes on with epoch ");
        again.Interrupt();
        (await again.EndAsync()).Expect(130);
        (await Run("run")).Expect(0);

        IEnumerable<string> Saved() => Directory.EnumerateFiles(_folder.PathOf("artifacts/sample/models"), "checkpoint.json", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(Path.GetDirectoryName(path)) == "last");
    }

    [Fact]
    public async Task A_killed_run_is_taken_up_after_its_finished_steps()
    {
        using var run = Lmmrec.Start(_folder.Path, ["run", .. Endless]);
        await run.WaitForAsync("train/bpr-s999: runs");
        run.Kill();
        await run.EndAsync();
        (await Run("verify")).Expect(0);
        var next = (await Run("run")).Expect(0);
        Assert.Contains("ingest: nothing changed, skipped", next.Error, StringComparison.Ordinal);
        (await Run("verify")).Expect(0);
        Assert.Empty(Directory.EnumerateDirectories(_folder.Path, "*~writing", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_ingest_killed_among_its_pictures_goes_on_with_those_that_came_and_gives_the_same_tables()
    {
        (await Run("ingest", "--workspace", "whole")).Expect(0);
        using var ingest = Lmmrec.Start(_folder.Path, "ingest", "--workspace", "killed", "--set", "ingest.images.concurrency=1");
        await ingest.WaitForAsync(() => Journals().Any(path => new FileInfo(path).Length > 0));
        ingest.Kill();
        await ingest.EndAsync();
        Assert.False(Directory.Exists(_folder.PathOf("killed/sample/ingest")));
        var came = File.ReadAllLines(Journals().Single()).Length;

        var next = (await Run("ingest", "--workspace", "killed")).Expect(0);
        Assert.Contains("ingest: runs (goes on after ", next.Error, StringComparison.Ordinal);
        Assert.Equal(Content("whole"), Content("killed"));
        Assert.Empty(Journals());
        Assert.InRange(came, 1, 295);

        IEnumerable<string> Journals() => !Directory.Exists(_folder.PathOf("killed")) ? [] : Directory.EnumerateFiles(_folder.PathOf("killed"), "pictures.jsonl", SearchOption.AllDirectories);
        string Content(string workspace) => (string)JsonNode.Parse(File.ReadAllText(_folder.PathOf($"{workspace}/sample/ingest/manifest.json")))!["content"]!;
    }

    // Long enough that what the test does to it always comes before its end.
    private static string[] Endless => ["--set", "train.epochs=100000", "--set", "train.patience=100000", "--set", "train.options={}"];

    private SortedDictionary<string, string> Files(string workspace) => WorkspaceContent.Of(_folder.PathOf(workspace));

    private Task<Ended> Run(params string[] arguments) => Lmmrec.RunAsync(_folder.Path, [.. arguments, .. Quick]);
}
