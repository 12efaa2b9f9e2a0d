using System.CommandLine;
using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Estimates;
using LmmRec.Cli.Terminal;
using LmmRec.Runs;

namespace LmmRec.Cli.Commands;

/// <summary>The verbs for runs that were: list them, name them, compare them, and free what no longer matters of them.</summary>
internal static class RunsCommands
{
    private static readonly Option<int> KeepRuns = new WholeNumberOption("--keep-runs", "How many of the last runs stay, beside those that have a tag.", 1, 1_000_000, byDefault: null) { Required = true };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Says what would be freed, and frees nothing." };

    public static IEnumerable<Command> All()
    {
        var run = new Argument<string>("run") { Description = $"A run: its id, a tag, or {RunStore.Latest}." };
        var name = new Argument<string>("name") { Description = "A name of your own, such as before-sale." };
        yield return PipelineOptions.Command("runs", "Lists the runs of the workspace, the newest last.", [], List);
        yield return PipelineOptions.Command(
            "tag", "Gives a run a name; gc keeps it. A name that another run has moves to it.", [run, name],
            (configuration, parsed, _) => TagAsync(new RunStore(configuration.Options.Workspace), parsed.GetRequiredValue(run), parsed.GetRequiredValue(name)));
        yield return PipelineOptions.Command(
            "untag", "Takes a name away; the run stays until gc.", [name], (configuration, parsed, _) => UntagAsync(new RunStore(configuration.Options.Workspace), parsed.GetRequiredValue(name)));
        var (a, b) = (new Argument<string>("a") { Description = run.Description }, new Argument<string>("b") { Description = "Another one." });
        yield return PipelineOptions.Command(
            "diff", "Says what differs between two runs: options, inputs, versions, rows of tables and metrics.", [a, b],
            (configuration, parsed, cancellation) => CompareAsync(configuration.Options.Workspace, parsed.GetRequiredValue(a), parsed.GetRequiredValue(b), cancellation));
        yield return PipelineOptions.Command(
            "gc", "Frees the disk of old runs: of their artifacts all that neither the last runs, nor tagged ones, nor the workspace of today need.", [KeepRuns, DryRun, PipelineOptions.IfLockedOption], CollectAsync);
    }

    private static Task<int> List(EffectiveConfiguration configuration, PipelineOptions options, CancellationToken cancellation)
    {
        var store = new RunStore(configuration.Options.Workspace);
        var tags = store.Tags().ToLookup(tag => tag.Value, tag => tag.Key);
        var broken = new List<string>();
        var runs = store.List(fault => broken.Add(fault.Message));
        Listing.OfTexts(
            ["run", "tags", "command", "when (UTC)", "steps that ran", "how it ended"],
            [.. runs.Select(run => (IReadOnlyList<string>)
            [
                run.Id, string.Join(", ", tags[run.Id]), run.Command, run.Began.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                $"{run.Steps.Count(step => step.State == RunStepState.Ran)} of {run.Steps.Count}", Ending(run),
            ])]);
        foreach (var fault in broken) Console.Error.WriteLine(Printable.Of($"warning: {fault}"));
        return Task.FromResult(ExitCode.Done);
    }

    private static string Ending(RunRecord run) => run.State switch
    {
        RunState.Running => "goes on",
        RunState.Interrupted => "its process ended before it did",
        _ => $"{run.Outcome!.ExitCode}: {run.Outcome.Reason}",
    } + (run.Resumes is null ? "" : $" (takes up {run.Resumes})");

    private static async Task<int> TagAsync(RunStore store, string run, string name)
    {
        var record = store.Find(run);
        var before = store.Tag(record, name);
        await Console.Out.WriteLineAsync($"{name} names run {record.Id}{(before is null || before == record.Id ? "" : $"; before it named {before}")}");
        return ExitCode.Done;
    }

    private static async Task<int> UntagAsync(RunStore store, string name)
    {
        await Console.Out.WriteLineAsync($"{name} named run {store.Untag(name)}, and names none now");
        return ExitCode.Done;
    }

    private static async Task<int> CompareAsync(string workspace, string a, string b, CancellationToken cancellation)
    {
        var store = new RunStore(workspace);
        var difference = await RunDifference.OfAsync(workspace, store.Find(a), store.Find(b), cancellation);
        foreach (var table in difference.Tables) Listing.OfTexts(table.Headings, table.Rows);
        if (difference.Tables.Count == 0) await Console.Out.WriteLineAsync("options, inputs, versions and rows of tables are the same");
        if (difference.Metrics.Rows.Count > 0) Listing.OfTexts(difference.Metrics.Headings, difference.Metrics.Rows);
        foreach (var line in difference.NotCompared) await Console.Out.WriteLineAsync($"not compared: {line}");
        return ExitCode.Done;
    }

    private static async Task<int> CollectAsync(EffectiveConfiguration configuration, ParseResult parsed, CancellationToken cancellation)
    {
        var workspace = configuration.Options.Workspace;
        if (!Directory.Exists(workspace)) throw new InvalidInputException($"workspace '{workspace}': there is no such folder; name it with --workspace");
        await using var alone = await StageLock.TakeAsync(
            workspace, [StageLock.Everything], "lmmrec gc", PipelineOptions.From(parsed).IfLocked, line => Console.Error.WriteLine(Printable.Of(line)), TimeProvider.System, cancellation);
        if (alone is null) return ExitCode.Done;
        var plan = Collection.Plan(workspace, parsed.GetValue(KeepRuns));
        foreach (var run in plan.Runs) await Console.Out.WriteLineAsync($"run {run.Id}");
        foreach (var artifact in plan.Artifacts) await Console.Out.WriteLineAsync($"{Path.GetRelativePath(workspace, artifact.Folder)}: {artifact.Step}, {Estimate.Size(artifact.Bytes)}");
        foreach (var leftover in plan.Leftovers) await Console.Out.WriteLineAsync($"{Path.GetRelativePath(workspace, leftover.Folder)}: nobody goes on with it, {Estimate.Size(leftover.Bytes)}");
        await Console.Out.WriteLineAsync($"would free {Sum(plan)}");
        if (parsed.GetValue(DryRun)) return ExitCode.Done;
        plan.Run(alone.ThrowIfLost, cancellation);
        await Console.Out.WriteLineAsync($"freed {Sum(plan)}");
        return ExitCode.Done;

        static string Sum(Collection plan) => $"{Estimate.Size(plan.Bytes)}: artifacts {plan.Artifacts.Count}, leftovers {plan.Leftovers.Count}, records of runs {plan.Runs.Count}";
    }
}
