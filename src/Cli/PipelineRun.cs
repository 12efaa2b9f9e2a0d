using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Commands;
using LmmRec.Cli.Terminal;
using LmmRec.Graphs;

namespace LmmRec.Cli;

/// <summary>One command that runs steps, from the wiring to the exit code.</summary>
/// <param name="command">its name, such as <c>run</c></param>
/// <param name="which">its stages</param>
/// <param name="configuration">the configuration</param>
/// <param name="options">what the user gave beside it</param>
internal sealed class PipelineRun(string command, Predicate<Stage> which, EffectiveConfiguration configuration, PipelineOptions options)
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
        await using var held = await StageLock.TakeAsync(
            pipeline.Workspace, [.. steps.Where(step => !step.TakesTurns).Select(step => KeyOf(step, pipeline.Workspace))], $"lmmrec {command}", options.IfLocked,
            line => Console.Error.WriteLine(Printable.Of(line)), TimeProvider.System, cancellation);
        if (held is null) return ExitCode.Done;
        var outcomes = await held.WhileHeldAsync(
            end => LiveProgress.ShowAsync(Screen.Error, Console.Error, options.Clock, progress =>
            {
                var runner = new StepRunner(progress, options.Clock, options.Threads, options.Device, configuration.Options.Cuda, runtime.Card) { Lock = held };
                return new StepSchedule(runner, options.Jobs, options.Threads, progress, exception => held.IsLost() ? null : Failures.CauseOf(exception), observers: []).RunAsync(steps, end);
            }),
            cancellation);
        return await ShowAsync(pipeline, stages[^1].Name == "evaluate", stages[^1].Steps, outcomes, cancellation);
    }

    // The folder of the step's stage; of a part, which does not mind the others, a name of its own in there.
    private string KeyOf(Step step, string workspace) =>
        string.Join('/', [.. Path.GetRelativePath(workspace, step.Folder).Split(Path.DirectorySeparatorChar).Take(2), .. options.Shard is { } part ? [part.Name] : Array.Empty<string>()]);

    // What the command is run for: the report, else any artifact of its last stage.
    private async Task<int> ShowAsync(Pipeline pipeline, bool evaluates, IReadOnlyList<Step> last, IReadOnlyList<StepOutcome> outcomes, CancellationToken cancellation)
    {
        var results = outcomes.TakeLast(evaluates ? 1 : last.Count).ToList();
        if (results.Count > 0 && results.TrueForAll(outcome => outcome.Failure is not null)) return await Failures.ReportAsync(outcomes, Console.Error, ExitCode.Failed);
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
            foreach (var outcome in tooMany) await Console.Error.WriteLineAsync($"{outcome.Name}: {outcome.TooManyFailed}");
            if (failed) await Failures.ReportAsync(outcomes, Console.Error, ExitCode.DoneInPart);
        }
        return failed || tooMany.Count > 0 ? ExitCode.DoneInPart : ExitCode.Done;
    }
}
