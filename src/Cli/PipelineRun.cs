using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Afterwards;
using LmmRec.Cli.Commands;
using LmmRec.Cli.Monitoring;
using LmmRec.Cli.Terminal;
using LmmRec.Graphs;
using LmmRec.Runs;

namespace LmmRec.Cli;

/// <summary>One command that runs steps, from the wiring to the exit code.</summary>
/// <param name="command">its name, such as <c>run</c></param>
/// <param name="which">its stages</param>
/// <param name="configuration">the configuration</param>
/// <param name="options">what the user gave beside it</param>
/// <param name="monitor">hears how it goes</param>
internal sealed class PipelineRun(string command, Predicate<Stage> which, EffectiveConfiguration configuration, PipelineOptions options, RunMonitor monitor)
{
    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var pipeline = await Pipeline.WireAsync(configuration, options);
        var runtime = new RuntimeOptions { Device = options.Device, Cuda = configuration.Options.Cuda };
        runtime.RequireDevice();
        var stages = pipeline.Stages.Where(stage => which(stage)).Select(stage => (stage.Name, Steps: stage.Steps())).ToList(); // may refuse; nothing is touched yet
        var steps = stages.SelectMany(stage => stage.Steps).ToList();
        var told = "";
        await using var held = await StageLock.TakeAsync(
            pipeline.Workspace, [.. steps.Where(step => !step.TakesTurns).Select(step => KeyOf(step, pipeline.Workspace))], $"lmmrec {command}", options.IfLocked,
            line => Console.Error.WriteLine(Printable.Of(told = line)), TimeProvider.System, cancellation);
        if (held is null) return monitor.Ended(new RunOutcome(ExitCode.Done, told)).ExitCode;
        Verification.RefuseNewer(steps.SelectMany(step => step.Inputs.Values.Concat(step.Optional.Values).Append(step.Folder)).Distinct());
        await GuardAsync(pipeline, cancellation);
        var recorder = RunRecorder.Begin(
            pipeline.Workspace, TimeProvider.System, command, steps, record => Told(record, runtime.Card) with { Lock = held.Ticket },
            broken => Console.Error.WriteLine(Printable.Of($"warning: {broken.Message}")));
        monitor.Begin(recorder.Record.Id, pipeline.Datasets is [var only] ? only.Name : null);
        try
        {
            var causes = new CauseObserver();
            var outcomes = await held.WhileHeldAsync(end => RunAsync(steps, runtime.Card, held, [recorder, causes, monitor], end), cancellation);
            var code = await ShowAsync(pipeline, stages[^1].Name == "evaluate", stages[^1].Steps, outcomes, cancellation);
            await TellAsync(pipeline, steps, outcomes, causes, recorder, code != ExitCode.Failed, cancellation);
            recorder.End(monitor.Ended(new RunOutcome(code, Failures.ReasonOf(outcomes))));
            return code;
        }
        catch (Exception e)
        {
            await EndAsync(recorder, e);
            throw;
        }
    }

    private Task<IReadOnlyList<StepOutcome>> RunAsync(IReadOnlyList<Step> steps, string? card, StageLock held, IReadOnlyList<IStepObserver> observers, CancellationToken cancellation) =>
        Screen.ShowAsync(options.Clock, progress =>
        {
            var runner = new StepRunner(progress, options.Clock, options.Threads, options.Device, configuration.Options.Cuda, card) { Kept = new KeptArtifacts(configuration.Options.Workspace), Lock = held };
            return new StepSchedule(runner, options.Jobs, options.Threads, progress, exception => held.IsLost() ? null : Failures.CauseOf(exception), observers).RunAsync(steps, cancellation);
        });

    // The folder of the step's stage; of a part, which does not mind the others, a name of its own in there.
    private string KeyOf(Step step, string workspace) =>
        string.Join('/', [.. Path.GetRelativePath(workspace, step.Folder).Split(Path.DirectorySeparatorChar).Take(2), .. options.Shard is { } part ? [part.Name] : Array.Empty<string>()]);

    // What the record says of what the run was told.
    private RunRecord Told(RunRecord record, string? card)
    {
        var values = configuration.Values();
        values.Remove("workspace"); // a workspace may move, with its records
        foreach (var (key, _) in configuration.Unused) Remove(values, key.Split('.'));
        var (bare, withheld) = Secrets.TakeOut(values);
        var runtime = ArtifactWriter.Versions();
        runtime["device"] = options.Device;
        if (card is not null) runtime["card"] = card;
        return record with { Runtime = runtime, Configuration = bare, Withheld = withheld, Resumes = options.Resumes, Date = options.Resumes is null ? null : options.Clock.GetUtcNow(), Given = GivenOptions.Of(configuration, options) };

        static void Remove(JsonNode? at, ReadOnlySpan<string> key)
        {
            if (at is JsonArray list && int.TryParse(key[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)) Remove(list[index], key[1..]);
            else if (at is JsonObject inner && key.Length == 1) inner.Remove(key[0]);
            else if (at is JsonObject outer) Remove(outer[key[0]], key[1..]);
        }
    }

    // What ended the run is told in any case, and the exit code is its own, also where the record cannot be written any more.
    private static async Task EndAsync(RunRecorder recorder, Exception exception)
    {
        try
        {
            recorder.End(Failures.OutcomeOf(exception));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"warning: the record of run {recorder.Record.Id} could not be ended, and it will read as interrupted: {e.Message}");
        }
    }

    // For the record and, unless the run came to nothing, for people. What it reads of former runs may be broken, which takes nothing from what this one made.
    private async Task TellAsync(
        Pipeline pipeline, IReadOnlyList<Step> steps, IReadOnlyList<StepOutcome> outcomes, CauseObserver causes, RunRecorder recorder, bool isShown, CancellationToken cancellation)
    {
        try
        {
            var before = new RunStore(pipeline.Workspace).List(_ => { }).Where(run => run.Id != recorder.Record.Id).ToList();
            var happened = await Happened.OfAsync(steps, outcomes, causes, before, pipeline, cancellation);
            recorder.Note(record => record with { Happened = happened.ToJson() });
            if (!isShown) return;
            await Screen.ShowAsync(options.Clock, progress =>
            {
                foreach (var line in Afterword.Of(happened)) progress.Note(line);
                return Task.FromResult(true);
            });
        }
        catch (Exception e) when (e is InvalidInputException or IOException or UnauthorizedAccessException or JsonException)
        {
            await Console.Error.WriteLineAsync(Printable.Of($"warning: how the metrics moved is not known: {e.Message}"));
        }
    }

    // Before anything is touched.
    private async Task GuardAsync(Pipeline pipeline, CancellationToken cancellation)
    {
        var most = configuration.Options.Run.MostRedone;
        if (options.AllowFull && most is null) throw new ConfigurationException(["--allow-full: is not used, since the configuration names no run.mostRedone; leave it out"]);
        if (options.AllowFull || most is null) return;
        var lines = await StepLine.AllAsync(pipeline.Stages.Where(stage => which(stage)), new KeptArtifacts(pipeline.Workspace), options.Device, configuration.Options.Cuda, cancellation);
        if (RedoGuard.Fault(lines, most) is { } fault) throw new TooMuchToRedoException(fault);
    }

    // What the command is run for: the report, else any artifact of its last stage.
    private async Task<int> ShowAsync(Pipeline pipeline, bool evaluates, IReadOnlyList<Step> last, IReadOnlyList<StepOutcome> outcomes, CancellationToken cancellation)
    {
        var results = outcomes.TakeLast(evaluates ? 1 : last.Count).ToList();
        if (results.Count > 0 && results.TrueForAll(outcome => outcome.Failure is not null)) return await Failures.ReportAsync(outcomes, Screen.Faults, ExitCode.Failed);
        var tooMany = outcomes.Where(o => o.TooManyFailed is not null).ToList();
        var failed = outcomes.Any(outcome => outcome.Failure is not null);
        try
        {
            if (evaluates) await Results.ShowAsync([.. pipeline.Datasets.Select(dataset => dataset.Evaluated)], pipeline.ReportFolder, cancellation);
            if (options.Card is not null)
                foreach (var (step, _) in last.Zip(results).Where(tuned => tuned.Second.Failure is null)) await TuningResults.ShowAsync(step.Folder, cancellation);
        }
        finally
        {
            // Whatever becomes of the results, what failed is said.
            foreach (var outcome in tooMany) await Screen.Faults.WriteLineAsync($"{outcome.Name}: {outcome.TooManyFailed}");
            if (failed) await Failures.ReportAsync(outcomes, Screen.Faults, ExitCode.DoneInPart);
        }
        return failed || tooMany.Count > 0 ? ExitCode.DoneInPart : ExitCode.Done;
    }
}
