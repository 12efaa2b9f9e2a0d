using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using Microsoft.Extensions.Time.Testing;

namespace LmmRec.Runs.Tests;

public sealed class RunRecorderTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 2, 30, 0, TimeSpan.Zero));
    private readonly List<InvalidInputException> _broken = [];
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    private RunStore Store => new(_workspace.Path);

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_record_tells_what_each_step_made_from_what_and_why()
    {
        var steps = new[] { Step("a"), Step("b", "a"), Step("c", "a") with { Run = (_, _) => throw new InvalidInputException("row 3 is broken") }, Step("d", "c"), Step("e", "gone") with { CanBeLeftOut = true } };
        var first = await RunAsync(steps);
        _clock.Advance(TimeSpan.FromDays(1));
        var second = await RunAsync(steps);

        Assert.Equal(("20260301T023000Z", RunState.Ended), (first.Id, first.State));
        Assert.Equal("20260302T023000Z", second.Id);
        Assert.Equal([RunStepState.Ran, RunStepState.Ran, RunStepState.Failed, RunStepState.NotRun, RunStepState.LeftOut], first.Steps.Select(step => step.State));
        Assert.Equal([RunStepState.Skipped, RunStepState.Skipped, RunStepState.Failed, RunStepState.NotRun, RunStepState.LeftOut], second.Steps.Select(step => step.State));
        Assert.Equal(["there is no artifact yet"], first.Steps[1].Why);
        Assert.Equal((Manifest.IdOf(steps[1].Folder), Manifest.Read(steps[0].Folder).Content), (first.Steps[1].Artifact, first.Steps[1].Inputs!["a"]));
        Assert.Equal(first.Steps[1].Artifact, second.Steps[1].Artifact);
        Assert.Equal(["row 3 is broken", "not run, since c failed"], first.Steps.Skip(2).Take(2).Select(step => step.Fault));
        Assert.Equal("data/b", first.Steps[1].Folder);
        Assert.Null(first.Steps[2].Artifact);
        Assert.Equal(await File.ReadAllBytesAsync(_workspace.PathOf($"runs/{second.Id}.json"), _cancellation), await File.ReadAllBytesAsync(_workspace.PathOf("runs/latest.json"), _cancellation));
    }

    [Fact]
    public async Task While_its_lock_is_held_a_run_reads_as_running_and_then_as_interrupted()
    {
        var step = Step("a");
        await using (var held = await StageLock.TakeAsync(_workspace.Path, ["data/a"], "lmmrec run", IfLocked.Fail, _ => { }, _clock, _cancellation))
        {
            var recorder = Begin(record => record with { Lock = held!.Ticket }, step);
            recorder.Began(step, await StepState.OfAsync(step, "cpu", _cancellation));
            Assert.Equal((RunState.Running, RunStepState.Running), Assert.Single(Store.List()) is var run ? (run.State, run.Steps[0].State) : default);
            Assert.Throws<InvalidInputException>(() => Store.Find(RunStore.Latest));
        }
        Assert.Equal(RunState.Interrupted, Store.Find(RunStore.Latest).State);
        await using var next = await StageLock.TakeAsync(_workspace.Path, ["data/a"], "lmmrec run", IfLocked.Fail, _ => { }, _clock, _cancellation);
        Assert.Equal(RunState.Interrupted, Store.Find(RunStore.Latest).State); // the lock is another run's now
    }

    [Fact]
    public async Task A_clock_set_back_changes_no_order_and_two_runs_of_one_second_have_ids_of_their_own()
    {
        var ids = new List<string> { (await RunAsync(Step("a"))).Id, (await RunAsync(Step("a"))).Id };
        _clock.AdjustTime(new DateTimeOffset(2025, 12, 31, 23, 59, 59, TimeSpan.Zero));
        ids.Add((await RunAsync(Step("a"))).Id);
        Assert.Equal(["20260301T023000Z", "20260301T023000Z-2", "20251231T235959Z"], ids);
        Assert.Equal(ids, Store.List().Select(run => run.Id));
        Assert.Equal(ids[^1], Store.Find(RunStore.Latest).Id);
    }

    [Fact]
    public async Task Runs_that_another_machine_made_stand_where_they_began_among_those_of_this_one()
    {
        using var elsewhere = new TemporaryFolder();
        var ids = new List<string>();
        for (var run = 0; run < 6; run++, _clock.Advance(TimeSpan.FromMinutes(1))) ids.Add((await RunAsync(run is 0 or 1 or 2 or 4 ? _workspace : elsewhere, Step("a"))).Id);
        foreach (var file in Directory.EnumerateFiles(elsewhere.PathOf("runs"), "2*.json")) File.Copy(file, _workspace.PathOf($"runs/{Path.GetFileName(file)}")); // as pull does
        Assert.Equal(ids, Store.List().Select(run => run.Id));
        Assert.Equal(ids[^1], Store.Find(RunStore.Latest).Id);
    }

    [Fact]
    public async Task Runs_that_begin_at_once_have_ids_of_their_own()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            return Begin(Step("a")).Record.Id;
        })));
        Assert.Equal(16, ids.Distinct().Count());
        Assert.Equal(ids.Order(StringComparer.Ordinal), Store.List().Select(run => run.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_tag_names_a_run_until_it_moves_or_is_taken_away()
    {
        var (first, second) = (await RunAsync(Step("a")), await RunAsync(Step("a")));
        Assert.Null(Store.Tag(first, "good"));
        Assert.Equal(first.Id, Store.Find("good").Id);
        Assert.Equal(first.Id, Store.Tag(second, "good"));
        Assert.Equal(second.Id, Store.Find("good").Id);
        Assert.Equal(second.Id, Store.Untag("good"));
        Assert.Contains("holds no run 'good'", Assert.Throws<InvalidInputException>(() => Store.Find("good")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => Store.Untag("good"));
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("../good")]
    [InlineData("")]
    [InlineData("20260301T023000Z")]
    public async Task What_could_be_taken_for_a_file_or_an_id_is_no_tag(string name)
    {
        var run = await RunAsync(Step("a"));
        Assert.Contains("is no name for a run", Assert.Throws<InvalidInputException>(() => Store.Tag(run, name)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "schemaVersion": 2, "id": "x" }""")]
    [InlineData("""{ "schemaVersion": 2, "id": "x", "number": 1, "command": "run", "began": "2026-03-01T00:00:00Z", "state": "running" }""")]
    public async Task A_record_of_a_newer_lmmrec_lets_no_run_begin_whatever_its_form(string json)
    {
        var path = _workspace.PathOf($"runs/{(await RunAsync(Step("a"))).Id}.json");
        await File.WriteAllTextAsync(path, json, _cancellation);
        Assert.StartsWith($"{path}: was written by a newer lmmrec (schema version 2, this one knows 1)", Assert.Throws<NewerVersionException>(() => Begin(Step("a"))).Message, StringComparison.Ordinal);
        Assert.Throws<NewerVersionException>(() => Store.List(_ => { }));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{ "schemaVersion": 1, "id": "x" }""")]
    [InlineData("""{ "schemaVersion": 1, "id": "x", "number": 1, "command": "run", "began": "2026-03-01T00:00:00Z", "state": "ended" }""")]
    public async Task A_broken_record_is_named_and_keeps_no_run_from_its_work(string json)
    {
        var path = _workspace.PathOf("runs/20200101T000000Z.json");
        var first = await RunAsync(Step("a"));
        await File.WriteAllTextAsync(path, json, _cancellation);
        var second = await RunAsync(Step("a"));
        var fault = Assert.Single(_broken).Message;
        Assert.StartsWith($"{path}: is no record of a run", fault, StringComparison.Ordinal);
        Assert.EndsWith("; delete it", fault, StringComparison.Ordinal);
        Assert.Equal([first.Id, second.Id], Store.List(_ => { }).Select(run => run.Id));
        Assert.Equal(second.Id, Store.Find(RunStore.Latest).Id);
        Assert.Equal(fault, Assert.Throws<InvalidInputException>(() => Store.List()).Message); // for gc, which needs to know all
    }

    private Task<RunRecord> RunAsync(params Step[] steps) => RunAsync(_workspace, steps);

    private async Task<RunRecord> RunAsync(TemporaryFolder workspace, params Step[] steps)
    {
        var recorder = RunRecorder.Begin(workspace.Path, _clock, "run", steps, record => record, _broken.Add);
        var progress = new Silence();
        await new StepSchedule(new StepRunner(progress, _clock, 1, "cpu"), 1, 1, progress, e => e is InvalidInputException ? "input" : null, [recorder]).RunAsync(steps, _cancellation);
        recorder.End(new RunOutcome(0, "all is done"));
        return new RunStore(workspace.Path).Find(recorder.Record.Id);
    }

    private RunRecorder Begin(params Step[] steps) => Begin(record => record, steps);

    private RunRecorder Begin(Func<RunRecord, RunRecord> told, params Step[] steps) => RunRecorder.Begin(_workspace.Path, _clock, "run", steps, told, _ => { });

    private Step Step(string name, params string[] inputs) => new(name, Folder(name), 1, [], inputs.ToDictionary(input => input, Folder), (_, _) => Task.CompletedTask);

    private string Folder(string name) => _workspace.PathOf($"data/{name}");
}
