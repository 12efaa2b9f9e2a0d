using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Cli.Commands;
using LmmRec.Runs;

namespace LmmRec.Cli;

/// <summary>A run that takes up another one, with that one's configuration, options and date.</summary>
internal static class Resumption
{
    /// <summary>What the run is told.</summary>
    /// <param name="command">the command that takes it up</param>
    /// <param name="name">the run: id, tag or latest</param>
    /// <param name="file">the configuration's file, if it was named: it says where the workspace is, and has what the record does not hold</param>
    /// <param name="workspace">what <c>--workspace</c> says, if it was given</param>
    /// <param name="given">what the user gave now</param>
    /// <exception cref="ConfigurationException">The run is another command's, or its configuration cannot be had again.</exception>
    /// <exception cref="InvalidInputException">There is no such run, or it goes on.</exception>
    public static (EffectiveConfiguration Configuration, PipelineOptions Options) Of(string command, string name, string? file, string? workspace, PipelineOptions given)
    {
        workspace ??= (string?)EffectiveConfiguration.OwnOf(file)?["workspace"] ?? new PipelineConfiguration().Workspace;
        var run = new RunStore(workspace).Find(name);
        if (run.Command != command) throw new ConfigurationException([$"--resume {name}: run {run.Id} is one of 'lmmrec {run.Command}'; only that command takes it up"]);
        if (run.State == RunState.Running) throw new InvalidInputException($"--resume {name}: run {run.Id} still goes on; wait until it has ended");
        if (run.Outcome is { ExitCode: ExitCode.Done }) throw new InvalidInputException($"--resume {name}: run {run.Id} did all that it was to do; there is nothing to take up: run 'lmmrec {command}' anew");
        var before = GivenOptions.From(run.Given);
        if (given.Card != before.Card) throw new ConfigurationException([$"--resume {name}: run {run.Id} tunes '{before.Card}', not '{given.Card}'"]);
        file ??= before.Config;
        var options = before.Options() with { AllowFull = before.AllowFull || given.AllowFull, IfLocked = given.IfLocked, Resumes = run.Id, Clock = new ShiftedClock(run.Date ?? run.Began, given.Clock) };
        return (EffectiveConfiguration.Of(Values(run, name, file), file, workspace, options.Device, options.Card), options);
    }

    private static JsonObject Values(RunRecord run, string name, string? file)
    {
        var values = (JsonObject)run.Configuration.DeepClone();
        if (run.Withheld.Count > 0)
            Secrets.PutBack(values, run.Withheld, EffectiveConfiguration.Load(file, null, []).Values(), key =>
                $"{key}: records hold no user names and passwords, and {file ?? EffectiveConfiguration.DefaultFile} does not give those of run {run.Id} any more; "
                + $"put them back there, or run the command anew instead of --resume {name}");
        return values;
    }
}
