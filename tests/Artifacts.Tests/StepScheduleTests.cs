using LmmRec.Artifacts.Steps;

namespace LmmRec.Artifacts.Tests;

public sealed class StepScheduleTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();
    private readonly List<string> _notes = [];
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
        Assert.Contains("the last time: the loss is not finite", (await StepState.OfAsync(Step("a"), "cpu", _cancellation)).Reasons);
        await RunAsync(1, Step("a"));
        Assert.Null(FailedStep.TryRead(Folder("a")));
        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(_workspace.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_a_step_can_do_without_is_waited_for_and_left_out_where_it_failed()
    {
        await RunAsync(1, Step("b"));
        var used = new List<bool>();
        var compare = Step("compare", (_, _) =>
        {
            used.Add(FailedStep.IsUsable(Folder("b")));
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

    private async Task<IReadOnlyList<StepOutcome>> RunAsync(int jobs, params Step[] steps)
    {
        var progress = new Notes(_notes);
        var schedule = new StepSchedule(
            new StepRunner(progress, TimeProvider.System, threads: 8, device: "cpu"), jobs, 8, progress, e => e is InvalidInputException ? "input" : null);
        return await schedule.RunAsync(steps, _cancellation);
    }

    private Step Failing(string name) => Step(name, (_, _) => throw new InvalidInputException("the loss is not finite")) with { CodeVersion = 2 };

    private Step Step(string name, Func<StepContext, CancellationToken, Task>? run = null, params string[] inputs) =>
        new(name, Folder(name), 1, [], inputs.ToDictionary(input => input, Folder), run ?? ((_, _) => Task.CompletedTask));

    private string Folder(string name) => _workspace.PathOf(name);

    private sealed class Notes(List<string> notes) : IProgressSink
    {
        public IProgressTask Start(string what, long? total) => throw new NotSupportedException();

        public void Note(string line)
        {
            lock (notes) notes.Add(line);
        }
    }
}
