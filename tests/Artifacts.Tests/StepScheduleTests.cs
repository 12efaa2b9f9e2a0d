using LmmRec.Artifacts.Steps;

namespace LmmRec.Artifacts.Tests;

public sealed class StepScheduleTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();
    private readonly List<string> _notes = [], _heard = [];
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private int _running, _most;

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Steps_wait_for_those_that_they_read_from_whatever_their_number_at_once(int jobs)
    {
        var seen = new List<string>();
        var outcomes = await RunAsync(jobs, Reading("a"), Reading("b", "a"), Reading("c", "a"), Reading("d", "b", "c"), Reading("e"));
        Assert.All(outcomes, outcome => Assert.Null(outcome.Failure));
        Assert.Equal(["a", "b", "c", "d", "e"], outcomes.Select(outcome => outcome.Name));
        foreach (var (before, after) in new[] { ("a", "b"), ("a", "c"), ("b", "d"), ("c", "d") }) Assert.True(seen.IndexOf(before) < seen.IndexOf(after), string.Join(' ', seen));

        Step Reading(string name, params string[] inputs) => Step(name, (_, _) =>
        {
            lock (seen) seen.Add(name);
            return Task.CompletedTask;
        }, inputs);
    }

    [Fact]
    public async Task No_more_steps_run_at_once_than_asked_for_and_they_share_the_threads()
    {
        var (entered, threads) = (new SemaphoreSlim(0), new List<int>());
        var steps = Enumerable.Range(0, 6).Select(n => Step($"s{n}", async (context, cancellation) =>
        {
            lock (threads)
            {
                threads.Add(context.Threads);
                _most = Math.Max(_most, ++_running);
            }
            entered.Release();
            while (_most < 2) await entered.WaitAsync(cancellation); // until a second one runs beside it
            lock (threads) _running--;
        })).ToArray();
        await RunAsync(2, steps);
        Assert.Equal(2, _most);
        Assert.All(threads, count => Assert.Equal(4, count));
    }

    [Fact]
    public async Task A_step_that_runs_alone_has_all_threads()
    {
        var threads = 0;
        await RunAsync(4, Step("alone", (context, _) => Task.FromResult(threads = context.Threads)));
        Assert.Equal(8, threads);
    }

    [Fact]
    public async Task One_that_fails_ends_alone_and_what_needs_it_is_not_run()
    {
        var outcomes = await RunAsync(1, Step("a"), Failing("b"), Step("c", inputs: "b"), Step("d", inputs: "c"), Step("e", inputs: "a"));
        Assert.Equal(
            [null, "the loss is not finite", "not run, since b failed", "not run, since b failed", null],
            outcomes.Select(outcome => outcome.Failure?.Message));
        Assert.Equal("input", outcomes[1].Failure!.Cause);
        Assert.Contains("b: failed: the loss is not finite", _notes);
        Assert.Equal(new FailedStep("b", "input", "the loss is not finite"), FailedStep.TryRead(Folder("b")));
        Assert.Equal(new FailedStep("d", FailedStep.NotRun, "not run, since b failed"), FailedStep.TryRead(Folder("d")));
        Assert.True(FailedStep.IsUsable(Folder("a")));
    }

    [Fact]
    public async Task What_failed_is_told_until_it_succeeds()
    {
        await RunAsync(1, Failing("a"));
        Assert.Contains("the last time: the loss is not finite", (await StepState.OfAsync(Step("a"), "cpu", _cancellation)).Told);
        await RunAsync(1, Step("a"));
        Assert.Null(FailedStep.TryRead(Folder("a")));
        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(_workspace.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_failed_is_told_also_where_the_artifact_of_before_is_there_and_where_the_step_waits()
    {
        await RunAsync(1, Step("a"));
        await RunAsync(1, Failing("a"), Step("b", inputs: "a"));
        Assert.Equal((StepStatus.Done, "the last time: the loss is not finite"), await Told(Step("a")));
        Assert.Equal((StepStatus.Waits, "the last time: not run, since a failed"), await Told(Step("b", inputs: "a")));

        async Task<(StepStatus, string)> Told(Step step)
        {
            var state = await StepState.OfAsync(step, "cpu", _cancellation);
            return (state.Status, state.Told[^1]);
        }
    }

    [Fact]
    public async Task A_later_command_does_not_use_what_is_left_of_a_step_that_failed()
    {
        await RunAsync(1, Step("features"), Step("model", inputs: "features"));
        await RunAsync(1, Failing("features"));
        const string Needs = "needs features, whose last attempt failed: the loss is not finite; run the earlier stages first, or 'lmmrec run' for all";
        Assert.Equal(Needs, (await RunAsync(1, Step("model", inputs: "features")))[0].Failure!.Message);
        Assert.Contains($"model: failed: {Needs}", _notes); // the step is named once
        Assert.False(FailedStep.IsUsable(Folder("model")));

        await RunAsync(1, Step("features"));
        Assert.Null((await RunAsync(1, Step("model", inputs: "features")))[0].Failure);
    }

    [Fact]
    public async Task What_was_left_out_is_no_input_though_it_is_there_from_before_and_no_failure()
    {
        var used = new List<bool>();
        var measure = Step("measure", inputs: "features") with { CanBeLeftOut = true };
        var compare = Step("compare", (context, _) =>
        {
            used.Add(context.Has("measure"));
            return Task.CompletedTask;
        }) with
        { Optional = new Dictionary<string, string> { ["measure"] = measure.Folder } };
        await RunAsync(1, Step("features"), measure, compare);
        Directory.Delete(Folder("features"), recursive: true);
        Assert.All(await RunAsync(1, measure, compare), outcome => Assert.Null(outcome.Failure));
        Assert.Equal(FailedStep.LeftOut, FailedStep.TryRead(measure.Folder)!.Cause);
        Assert.Null((await StepState.OfAsync(measure, "cpu", _cancellation)).LastTime);
        await RunAsync(1, Step("features"), measure, compare);
        Assert.Equal([true, false, true], used);
    }

    [Fact]
    public async Task Only_a_step_that_tells_of_failures_runs_again_when_another_thing_is_said_of_them()
    {
        var optional = new Dictionary<string, string> { ["b"] = Folder("b") };
        var (compare, report) = (Step("compare") with { Optional = optional }, Step("report") with { Optional = optional, TellsFailures = true });
        Assert.Equal([true, true], await Ran("batch 3"));
        Assert.Equal([false, true], await Ran("batch 4"));
        Assert.Equal([false, true], await Ran($"cannot read {Folder("b")}"));
        Assert.Equal([false, false], await Ran("cannot read b")); // in a workspace elsewhere

        async Task<IEnumerable<bool>> Ran(string message) =>
            (await RunAsync(1, Step("b", (_, _) => throw new InvalidInputException(message)), compare, report)).Skip(1).Select(outcome => outcome.Ran);
    }

    [Fact]
    public async Task A_fault_of_a_loop_over_threads_is_told_by_its_cause()
    {
        var outcome = (await RunAsync(1, Step("a", (_, _) => throw new AggregateException(new OperationCanceledException(), new InvalidInputException("row 3 is broken")))))[0];
        Assert.Equal(("input", "row 3 is broken"), (outcome.Failure!.Cause, outcome.Failure.Message));
        Assert.IsType<InvalidInputException>(outcome.Failure.Exception);
    }

    [Fact]
    public async Task Steps_that_wait_for_each_other_are_named()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(1, Step("a"), Step("b", inputs: "c"), Step("c", inputs: "b")));
        Assert.Equal("these steps wait for each other, or for themselves: b, c", error.Message);
    }

    [Fact]
    public async Task Steps_that_fail_at_once_in_a_folder_that_is_new_are_all_told_of()
    {
        for (var round = 0; round < 30; round++)
        {
            Step[] steps = [.. Enumerable.Range(0, 4).Select(n => Step($"models{round}/{n}", (_, _) => throw new InvalidInputException("no")))];
            Assert.All(await RunAsync(4, steps), outcome => Assert.Equal("no", outcome.Failure?.Message));
            Assert.All(steps, step => Assert.NotNull(FailedStep.TryRead(step.Folder)));
        }
    }

    [Fact]
    public async Task What_a_step_can_do_without_is_waited_for_and_left_out_where_it_failed()
    {
        await RunAsync(1, Step("b"));
        var used = new List<bool>();
        var compare = Step("compare", (context, _) =>
        {
            used.Add(context.Has("b"));
            return Task.CompletedTask;
        })
        with
        { Optional = new Dictionary<string, string> { ["b"] = Folder("b") } };
        Assert.All(await RunAsync(2, Step("b"), compare), outcome => Assert.Null(outcome.Failure));
        Assert.Null((await RunAsync(2, Failing("b"), compare))[1].Failure);
        Assert.Equal([true, false], used); // the artifact of before is no result of today's
        Assert.False((await RunAsync(2, Failing("b"), compare))[1].Ran);
        Assert.Equal([true, false], used);
        await RunAsync(2, Step("b"), compare);
        Assert.Equal([true, false, true], used);
    }

    [Fact]
    public async Task What_is_refused_when_the_inputs_are_there_is_refused_before_other_steps_run()
    {
        var order = new List<string>();
        var outcomes = await RunAsync(1, Step("a", (_, _) =>
        {
            order.Add("a");
            return Task.CompletedTask;
        }), Step("b") with
        {
            Check = () =>
            {
                order.Add("check b");
                throw new InvalidInputException("no vector");
            },
        });
        Assert.Equal(["check b", "a"], order);
        Assert.Equal("no vector", outcomes[1].Failure!.Message);
    }

    [Fact]
    public async Task A_look_at_what_is_there_that_takes_long_is_ended_at_once()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        using var end = new ManualResetEventSlim();
        var looked = Step("looked", (_, _) => Task.CompletedTask) with
        {
            Check = () =>
            {
                stop.Cancel();
                end.Wait(_cancellation);
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Schedule(1).RunAsync([looked], stop.Token));
        end.Set();
    }

    [Fact]
    public async Task A_fault_that_none_would_get_past_ends_the_others_in_order()
    {
        var (started, cancelled) = (new TaskCompletionSource(), false);
        var endless = Step("endless", async (_, cancellation) =>
        {
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                cancelled = true;
            }
        });
        var full = Step("full", async (_, _) =>
        {
            await started.Task;
            throw new IOException("No space left on device");
        });
        await Assert.ThrowsAsync<IOException>(() => RunAsync(2, endless, full, Step("later")));
        Assert.True(cancelled);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_workspace.Path)); // nothing half-written, and nothing that says that it failed
    }

    [Fact]
    public async Task An_observer_hears_of_each_step_that_runs_why_and_of_every_step_how_it_ended()
    {
        await RunAsync(1, Step("done"));
        _heard.Clear();
        await RunAsync(1, Step("done"), Step("new", null, "done"), Failing("bad"), Step("waits", null, "bad"), Step("extra", null, "gone") with { CanBeLeftOut = true });
        Assert.Equal(
            [
                "done ended: Skipped", "new began: there is no artifact yet", "new ended: Ran (there is no artifact yet)", "bad began: there is no artifact yet", "bad ended: Failed",
                "waits ended: NotRun", "extra ended: LeftOut",
            ],
            _heard.OrderBy(line => Array.IndexOf(["done", "new", "bad", "waits", "extra"], line.Split(' ')[0])));
    }

    private Task<IReadOnlyList<StepOutcome>> RunAsync(int jobs, params Step[] steps) => Schedule(jobs).RunAsync(steps, _cancellation);

    private StepSchedule Schedule(int jobs)
    {
        var progress = new Notes(_notes);
        return new StepSchedule(
            new StepRunner(progress, TimeProvider.System, threads: 8, device: "cpu"), jobs, 8, progress, e => e is InvalidInputException ? "input" : null, [new Ear(_heard)]);
    }

    private Step Failing(string name) => Step(name, (_, _) => throw new InvalidInputException("the loss is not finite")) with { CodeVersion = 2 };

    private Step Step(string name, Func<StepContext, CancellationToken, Task>? run = null, params string[] inputs) =>
        new(name, Folder(name), 1, [], inputs.ToDictionary(input => input, Folder), run ?? ((_, _) => Task.CompletedTask));

    private string Folder(string name) => _workspace.PathOf(name);

    private sealed class Ear(List<string> heard) : IStepObserver
    {
        public void Began(Step step, StepState state) => Add($"{step.Name} began: {string.Join("; ", state.Told)}");

        public void Ended(Step step, StepOutcome outcome)
        {
            Assert.Equal((step.Folder, outcome.Ran), (outcome.Folder, outcome.Seconds is not null));
            Add($"{step.Name} ended: {outcome.State}{(outcome.Why.Count > 0 ? $" ({string.Join("; ", outcome.Why)})" : "")}");
        }

        private void Add(string line)
        {
            lock (heard) heard.Add(line);
        }
    }

    private sealed class Notes(List<string> notes) : IProgressSink
    {
        public IProgressTask Start(string what, long? total) => throw new NotSupportedException();

        public void Note(string line)
        {
            lock (notes) notes.Add(line);
        }
    }
}
