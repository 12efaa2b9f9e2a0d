using System.Text.Encodings.Web;
using System.Text.Json;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Runs;

namespace LmmRec.Cli.Monitoring;

/// <summary>How a command that runs steps ended, in a file for alerts (docs/operations.md#summary).</summary>
/// <param name="SchemaVersion">of this form</param>
/// <param name="Command">such as <c>run</c></param>
/// <param name="Run">the run's id; null: it ended before there was a run</param>
/// <param name="Ended">when</param>
/// <param name="ExitCode">what the command returned</param>
/// <param name="Meaning">of the exit code</param>
/// <param name="Reason">why it ended so, a sentence</param>
/// <param name="Steps">how many of its steps ended in which way</param>
/// <param name="Failed">the steps that failed by a fault of their own</param>
internal sealed record RunSummary(
    int SchemaVersion, string Command, string? Run, DateTimeOffset Ended, int ExitCode, string Meaning, string Reason, SortedDictionary<string, int> Steps, IReadOnlyList<RunSummary.Fault> Failed)
{
    /// <summary>Version of the summary's form.</summary>
    public const int CurrentSchema = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>A step that failed.</summary>
    /// <param name="Step">its name</param>
    /// <param name="Dataset">of several, which; null: the only one, or all</param>
    /// <param name="Cause">the kind of fault, as in a <see cref="FailedStep"/></param>
    /// <param name="Message">what went wrong</param>
    public sealed record Fault(string Step, string? Dataset, string Cause, string Message);

    /// <summary>The summary of a command.</summary>
    public static RunSummary Of(string command, string? run, RunOutcome outcome, IReadOnlyList<(Step Step, StepOutcome Outcome)> steps, DateTimeOffset ended) => new(
        CurrentSchema, command, run, ended, outcome.ExitCode, Cli.ExitCode.MeaningOf(outcome.ExitCode), outcome.Reason,
        new SortedDictionary<string, int>(Enum.GetValues<StepEnd>().ToDictionary(ConfigurationBinder.NameOf, end => steps.Count(step => step.Outcome.State == end)), StringComparer.Ordinal),
        [.. steps.Where(step => step.Outcome is { State: StepEnd.Failed }).Select(step => new Fault(step.Step.Name, step.Step.Dataset, step.Outcome.Failure!.Cause, step.Outcome.Failure.Message))]);

    /// <summary>Writes it, whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => FileSystem.WriteAtomically(path, stream => JsonSerializer.Serialize(stream, this, Json), alone: false);
}
