using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Runs;

/// <summary>Whether a run goes on.</summary>
[JsonConverter(typeof(KebabCase<RunState>))]
public enum RunState
{
    /// <summary>It goes on; of a record alone: it was not ended.</summary>
    Running,

    /// <summary>It came to an end by itself, in whatever way.</summary>
    Ended,

    /// <summary>Its process is gone, and it did not end.</summary>
    Interrupted,
}

/// <summary>How far a step of a run came.</summary>
[JsonConverter(typeof(KebabCase<RunStepState>))]
public enum RunStepState
{
    /// <summary>It was to come.</summary>
    Waiting,

    /// <summary>It was running.</summary>
    Running,

    /// <inheritdoc cref="StepEnd.Ran"/>
    Ran,

    /// <inheritdoc cref="StepEnd.Skipped"/>
    Skipped,

    /// <inheritdoc cref="StepEnd.TakenBack"/>
    TakenBack,

    /// <inheritdoc cref="StepEnd.LeftOut"/>
    LeftOut,

    /// <inheritdoc cref="StepEnd.Failed"/>
    Failed,

    /// <inheritdoc cref="StepEnd.NotRun"/>
    NotRun,
}

/// <summary>One step of a run.</summary>
/// <param name="Name">its name, such as <c>train/bpr-s999</c></param>
/// <param name="Folder">its artifact's folder, from the workspace on</param>
/// <param name="State">how far it came</param>
public sealed record RunStep(string Name, string Folder, RunStepState State)
{
    /// <summary>The data set that it belongs to; null: the only one, or all.</summary>
    public string? Dataset { get; init; }

    /// <summary>Why it ran or took its artifact back, one line each.</summary>
    public IReadOnlyList<string> Why { get; init; } = [];

    /// <summary>What went wrong, or why it was left out.</summary>
    public string? Fault { get; init; }

    /// <summary>How long it took; null: it did not run to its end.</summary>
    public double? Seconds { get; init; }

    /// <summary>The id of its artifact; null: the run made or found none.</summary>
    public string? Artifact { get; init; }

    /// <summary>What the artifact was made from: the hash of each input by its name.</summary>
    public SortedDictionary<string, string>? Inputs { get; init; }

    /// <summary>Whether it came to an end in which nothing is left to be done.</summary>
    [JsonIgnore]
    public bool IsDone => State is RunStepState.Ran or RunStepState.Skipped or RunStepState.TakenBack or RunStepState.LeftOut;
}

/// <summary>How a run ended.</summary>
/// <param name="ExitCode">what the command returned</param>
/// <param name="Reason">why, one sentence</param>
public sealed record RunOutcome(int ExitCode, string Reason);

/// <summary>What a command that ran steps did, and what it was told to do: <c>runs/&lt;id&gt;.json</c>.</summary>
/// <param name="SchemaVersion">of this form</param>
/// <param name="Id">when it began, as <c>yyyyMMddTHHmmssZ</c>; with <c>-2</c>, <c>-3</c>, … where another began then</param>
/// <param name="Number">the order of runs, also of those of several machines: milliseconds from 1970 to its begin, but more than any run before it in its workspace has, whatever the clock says</param>
/// <param name="Command">such as <c>run</c></param>
/// <param name="Began">by the machine's clock</param>
/// <param name="State">whether it goes on</param>
public sealed record RunRecord(int SchemaVersion, string Id, long Number, string Command, DateTimeOffset Began, RunState State)
{
    /// <summary>Version of the record's form.</summary>
    public const int CurrentSchema = 1;

    /// <summary>By the machine's clock; null: it did not.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The ticket of its lock, which tells others whether it goes on; null: it had none.</summary>
    public string? Lock { get; init; }

    /// <summary>The run that it takes up; null: none.</summary>
    public string? Resumes { get; init; }

    /// <summary>What its steps took for the time at its begin; null: the time at which it began.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>Versions and device.</summary>
    public SortedDictionary<string, string> Runtime { get; init; } = [];

    /// <summary>The configuration with all its values, but for the workspace and secrets.</summary>
    public JsonObject Configuration { get; init; } = [];

    /// <summary>What the user gave beside it.</summary>
    public JsonObject Given { get; init; } = [];

    /// <summary>The dotted keys of the configuration whose user name and password the record does not hold.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];

    /// <summary>Its steps, in their order.</summary>
    public IReadOnlyList<RunStep> Steps { get; init; } = [];

    /// <summary>What changed by it, for machines; null: not known.</summary>
    public JsonObject? Happened { get; init; }

    /// <summary>How it ended; null: it did not.</summary>
    public RunOutcome? Outcome { get; init; }

    /// <summary>The record that <paramref name="json"/> is.</summary>
    /// <param name="json">the bytes of its file</param>
    /// <param name="path">where they come from, for the message</param>
    /// <exception cref="NewerVersionException">A newer lmmrec wrote it.</exception>
    /// <exception cref="InvalidInputException">They are none.</exception>
    public static RunRecord Parse(byte[] json, string path)
    {
        Manifest.RefuseNewer(json, path, CurrentSchema);
        try
        {
            var record = JsonSerializer.Deserialize<RunRecord>(json, Manifest.Json) ?? throw new JsonException("the file holds null");
            return record.State != RunState.Ended || record.Outcome is not null ? record : throw new JsonException("it does not say how the run ended");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{path}: is no record of a run ({e.Message}); delete it", e);
        }
    }
}

/// <summary>Enumerations as <c>left-out</c>.</summary>
internal sealed class KebabCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower) where T : struct, Enum;
