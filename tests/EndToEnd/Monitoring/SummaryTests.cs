using System.Text.Json.Nodes;

namespace LmmRec.EndToEnd.Monitoring;

/// <summary><c>--summary FILE</c>: how a command ended, whatever ended it.</summary>
public sealed class SummaryTests : IDisposable
{
    private static readonly string[] Quick = ["--set", "train.recommenders=[\"bpr\"]", "--set", "train.epochs=1", "--set", "train.options={}", "--set", "evaluate.baselines=[]"];

    // Long enough that what the test does to it always comes before its end.
    private static readonly string[] Endless = ["--set", "train.epochs=100000", "--set", "train.patience=100000", "--set", "train.options={}"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_is_done_says_how_many_steps_ran()
    {
        var summary = await EndAsync(0, ["run", .. Quick]);
        Assert.Equal(("run", "done", 7, 0), ((string?)summary["command"], (string?)summary["meaning"], (int)summary["steps"]!["ran"]!, (int)summary["steps"]!["failed"]!));
        Assert.True(File.Exists(_folder.PathOf($"artifacts/runs/{summary["run"]}.json")));
        Assert.Empty(summary["failed"]!.AsArray());
    }

    [Fact]
    public async Task A_run_that_failed_names_the_steps_and_the_reason()
    {
        var summary = await EndAsync(1, ["run", .. Quick, "--set", "evaluate.cutoffs=[999]"]);
        Assert.Contains("999 is more than the 297 items", (string?)summary["reason"], StringComparison.Ordinal);
        var failed = Assert.Single(summary["failed"]!.AsArray(), step => ((string)step!["step"]!).StartsWith("train/", StringComparison.Ordinal))!;
        Assert.Equal("input", (string?)failed["cause"]);
    }

    [Theory]
    [InlineData(2, "train.epochs: 0 is out of range", "run", "--set", "train.epochs=0")]
    [InlineData(2, "'--treads': unknown option", "run", "--treads", "2")]
    [InlineData(2, "--log yaml: unknown form", "run", "--log", "yaml")]
    [InlineData(4, "", "run", "--device", "cuda:99")]
    public async Task What_ends_a_command_before_there_is_a_run_is_told(int code, string reason, params string[] arguments)
    {
        var summary = await EndAsync(code, arguments);
        Assert.StartsWith(reason, (string?)summary["reason"], StringComparison.Ordinal);
        Assert.Null(summary["run"]);
    }

    [Fact]
    public async Task Who_is_kept_out_and_who_is_interrupted_leave_one_too()
    {
        using var first = Lmmrec.Start(_folder.Path, ["run", .. Endless, "--summary", "first.json"]);
        await first.WaitForAsync("train/bpr-s999: runs");
        Assert.Null((await EndAsync(5, ["run", .. Quick]))["run"]);

        Assert.False(File.Exists(_folder.PathOf("first.json")));
        first.Interrupt();
        (await first.EndAsync()).Expect(130);
        var interrupted = await ReadAsync("first.json");
        Assert.Equal((130, "interrupted"), ((int)interrupted["exitCode"]!, (string?)interrupted["meaning"]));
        Assert.NotNull(interrupted["run"]);
    }

    [Fact]
    public async Task What_the_guard_stops_is_told_with_its_cause()
    {
        await EndAsync(0, ["run", .. Quick]);
        var summary = await EndAsync(6, ["run", .. Quick, "--set", "train.seeds=[1]", "--set", "encoders.0.batch=8", "--set", "ingest.core=4", "--set", "run.mostRedone=0.01"]);
        Assert.Equal("more to redo than the guard allows", (string?)summary["meaning"]);
        Assert.Contains("--allow-full", (string?)summary["reason"], StringComparison.Ordinal);
        Assert.Null(summary["run"]);
    }

    [Fact]
    public async Task One_that_cannot_be_written_is_said_and_the_exit_code_stays()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--set", "train.epochs=0", "--summary", "nowhere/summary.json")).Expect(2);
        Assert.Contains("warning: --summary nowhere/summary.json: cannot be written: ", ended.Error, StringComparison.Ordinal);
    }

    private async Task<JsonNode> EndAsync(int code, string[] arguments)
    {
        (await Lmmrec.RunAsync(_folder.Path, [.. arguments, "--summary", "summary.json"])).Expect(code);
        var summary = await ReadAsync("summary.json");
        Assert.Equal((1, code), ((int)summary["schemaVersion"]!, (int)summary["exitCode"]!));
        return summary;
    }

    private async Task<JsonNode> ReadAsync(string file) => JsonNode.Parse(await File.ReadAllTextAsync(_folder.PathOf(file), TestContext.Current.CancellationToken))!;
}
