using System.Text.Json.Nodes;
using LmmRec.Cli;
using LmmRec.Cli.Terminal;
using Microsoft.Extensions.Time.Testing;

namespace LmmRec.EndToEnd.Monitoring;

/// <summary><c>--log json</c>: standard error for machines.</summary>
public sealed class LogTests : IDisposable
{
    private const string TwoDataSets = """experiment.datasets=[{ "dataset": { "name": "first" } }, { "dataset": { "name": "second", "source": "lattice" }, "data": "second", "ingest": { "split": { "kind": "given" } } }]""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_line_of_a_run_is_an_object_that_says_run_data_set_stage_and_step_and_results_stay_as_they_are()
    {
        // A list that nothing chooses from is warned of before the run.
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), """{ "train": { "recommenders": ["bpr"], "epochs": 1, "options": { "vbpr": { "reg": 0.1 } } }, "evaluate": { "baselines": [] } }""", TestContext.Current.CancellationToken);
        var logged = (await Lmmrec.RunAsync(_folder.Path, "run", "--log", "json")).Expect(0);
        var lines = Lines(logged.Error);

        Assert.StartsWith("train.options.vbpr: is not used: ", (string?)Assert.Single(lines, line => (string?)line["level"] == "warning")["message"], StringComparison.Ordinal);
        var ofSteps = lines.Where(line => line["step"] is not null).ToList();
        Assert.Equal(["compare", "evaluate/bpr-s999", "evaluate/most-popular", "featurize/clip-small", "ingest", "report", "train/bpr-s999"], ofSteps.Select(line => (string?)line["step"]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["evaluate", "featurize", "ingest", "train"], ofSteps.Select(line => (string?)line["stage"]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(ofSteps, line => Assert.Equal("sample", (string?)line["dataset"]));
        Assert.Matches("^[0-9]{8}T[0-9]{6}Z$", (string?)Assert.Single(ofSteps.Select(line => (string?)line["run"]).Distinct()));
        var pictures = Assert.Single(lines, line => ((string)line["message"]!).StartsWith("pictures: 29", StringComparison.Ordinal));
        Assert.Equal((296, 296), ((int)pictures["done"]!, (int)pictures["total"]!));

        var said = (await Lmmrec.RunAsync(_folder.Path, "run")).Expect(0);
        Assert.Contains("report: nothing changed, skipped", said.Error, StringComparison.Ordinal);
        Assert.Equal(said.Output, logged.Output);
    }

    [Fact]
    public async Task What_fails_is_an_error_of_its_step_and_of_its_data_set()
    {
        Directory.CreateDirectory(_folder.PathOf("second"));
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--log", "json", "--set", TwoDataSets, "--set", "train.recommenders=[\"bpr\"]", "--set", "train.epochs=1")).Expect(3);
        var errors = Lines(ended.Error).Where(line => (string?)line["level"] == "error").ToList();
        Assert.Equal(("second", "ingest", "ingest"), ((string?)errors[0]["dataset"], (string?)errors[0]["stage"], (string?)errors[0]["step"]));
        Assert.Contains(errors, line => ((string)line["message"]!).StartsWith("of ", StringComparison.Ordinal)); // the list at the end
    }

    [Theory]
    [InlineData(2, "run", "--set", "train.epochs=0")]
    [InlineData(2, "run", "--treads", "2")]
    [InlineData(1, "train")]
    public async Task What_ends_a_command_before_its_first_step_is_an_object_too(int code, params string[] arguments)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, [.. arguments, "--log", "json"])).Expect(code);
        Assert.Contains(Lines(ended.Error), line => (string?)line["level"] == "error");
    }

    [Fact]
    public async Task A_stack_trace_stays_in_one_object()
    {
        var output = new StringWriter();
        var log = new JsonLog(output, new FakeTimeProvider());
        var thrown = Record.Exception(() => Assert.Fail("a fault\nof two lines"))!;
        Assert.Equal(ExitCode.Failed, await Failures.ReportAsync(thrown, log.Faults, ranSteps: true));
        var lines = Lines(output.ToString());
        Assert.Equal(["error", "error"], lines.Select(line => (string?)line["level"]));
        Assert.Contains("\n   at ", (string?)lines[1]["message"], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_in_pieces_is_an_object_when_its_line_ends()
    {
        var output = new StringWriter();
        var log = new JsonLog(output, new FakeTimeProvider());
        log.Notes.Write("a ");
        log.Notes.Write("line");
        Assert.Equal("", output.ToString());
        log.Notes.Write("\nanother\n");
        Assert.Equal(["a line", "another"], Lines(output.ToString()).Select(line => (string?)line["message"]));
    }

    // Fails where a line is no object.
    private static List<JsonObject> Lines(string error) => [.. error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Assert.IsType<JsonObject>(JsonNode.Parse(line)))];
}
