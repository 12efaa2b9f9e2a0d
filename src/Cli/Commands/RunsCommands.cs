using System.CommandLine;
using System.Globalization;
using LmmRec.Cli.Terminal;
using LmmRec.Runs;

namespace LmmRec.Cli.Commands;

/// <summary>The verbs for runs that were: list and name them.</summary>
internal static class RunsCommands
{
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
    }

    private static Task<int> List(EffectiveConfiguration configuration, PipelineOptions options, CancellationToken cancellation)
    {
        var store = new RunStore(configuration.Options.Workspace);
        var tags = store.Tags().ToLookup(tag => tag.Value, tag => tag.Key);
        Listing.OfTexts(
            ["run", "tags", "command", "when (UTC)", "steps that ran", "how it ended"],
            [.. store.List().Select(run => (IReadOnlyList<string>)
            [
                run.Id, string.Join(", ", tags[run.Id]), run.Command, run.Began.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                $"{run.Steps.Count(step => step.State == RunStepState.Ran)} of {run.Steps.Count}", Ending(run),
            ])]);
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
}
