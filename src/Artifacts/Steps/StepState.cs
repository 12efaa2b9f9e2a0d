using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Steps;

/// <summary>Whether a step would run, and why.</summary>
public enum StepStatus
{
    /// <summary>The artifact is there, made from the same recipe.</summary>
    Done,

    /// <summary>It would run now.</summary>
    WouldRun,

    /// <summary>An input is not there yet.</summary>
    Waits,
}

/// <param name="Status">whether it would run</param>
/// <param name="Reasons">why, one line each; of what is done, why it ended before it was to</param>
/// <param name="Recipe">what it would be made from; null while an input is missing</param>
public sealed record StepState(StepStatus Status, IReadOnlyList<string> Reasons, Recipe? Recipe)
{
    /// <summary>The same as reasons of a kind, where it would run.</summary>
    public IReadOnlyList<Reason> Why { get; private init; } = [];

    /// <summary>Whether there is an artifact that is not as it was made.</summary>
    public bool IsDamaged => Why.Any(reason => reason.Kind == ReasonKind.Damaged);

    /// <summary>What became of the last attempt, one line; null: it did not fail.</summary>
    public string? LastTime { get; init; }

    /// <summary>The reasons, and what became of the last attempt where it failed.</summary>
    public IReadOnlyList<string> Told => LastTime is null ? Reasons : [.. Reasons, LastTime];

    /// <summary>What the step does without, one line each: optional inputs that are there and cannot be used, and why.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>The same of a step that starts from nothing, since the artifact that its folder holds has these faults.</summary>
    internal StepState StartingAnew(IReadOnlyList<string> faults) =>
        WouldRun([.. Why, .. faults.Select(fault => new Reason(ReasonKind.Damaged, fault))], Recipe! with { StartedFrom = null }) with { LastTime = LastTime, Without = Without };

    /// <summary>The state of a step that would run.</summary>
    internal static StepState WouldRun(IReadOnlyList<Reason> why, Recipe recipe) => new(StepStatus.WouldRun, [.. why.Select(reason => reason.Text)], recipe) { Why = why };

    /// <summary>Compares a step, run on <paramref name="device"/>, with the artifact that is there.</summary>
    /// <exception cref="InvalidInputException">A file that the user gave is missing, or a manifest cannot be read.</exception>
    public static async Task<StepState> OfAsync(Step step, string device, CancellationToken cancellation, CudaOptions? cuda = null)
    {
        var (inputs, missing, without) = Inputs(step);
        var state = missing.Count > 0 ? new StepState(StepStatus.Waits, missing, null) : await new Judgement(step, inputs, device, cuda).OfAsync(cancellation);
        return state with { Without = without, LastTime = FailedStep.TryRead(step.Folder) is { IsFailure: true, Cause: not FailedStep.Damaged } failed ? $"the last time: {failed.Message}" : null };
    }

    // The contents of the inputs that can be used; why those that it needs cannot, and why it does without others that are there.
    private static (SortedDictionary<string, string> Inputs, List<string> Missing, List<string> Without) Inputs(Step step)
    {
        var (inputs, missing, without) = (new SortedDictionary<string, string>(StringComparer.Ordinal), new List<string>(), new List<string>());
        var manifests = new Dictionary<string, Manifest>();
        foreach (var (name, folder) in step.Inputs.Concat(step.Optional))
        {
            if (FailedStep.TryRead(folder) is { } failed)
            {
                if (step.Inputs.ContainsKey(name)) missing.Add($"needs {name}, {(failed.Cause == FailedStep.Damaged ? "which is damaged" : "whose last attempt failed")}: {failed.Message}");
                else if (step.TellsFailures) inputs[$"{name} (failed)"] = failed.HashOutside(Path.GetDirectoryName(step.Folder)!);
            }
            else if (Manifest.TryRead(folder) is not { } input)
            {
                if (step.Inputs.ContainsKey(name)) missing.Add($"needs {name}, which is not there");
            }
            else if (Faults(name, folder, input) is { Count: > 0 } faults) Refuse(name, faults);
            else (inputs[name], manifests[name]) = (input.ContentOf(step.Reads.GetValueOrDefault(name)), input);
        }
        // An artifact that was brought from elsewhere may have been made from other data than the other inputs.
        foreach (var (name, manifest) in manifests)
        {
            List<string> others = [.. manifest.Recipe.Inputs.Keys.Where(input => manifests.TryGetValue(input, out var other) && !manifest.Recipe.IsMadeFrom(input, other))
                .Select(input => $"{name} made from this {input}; the one that is there was made from another")];
            if (others.Count > 0) Refuse(name, others);
        }
        return (inputs, missing, without);

        void Refuse(string name, List<string> faults)
        {
            inputs.Remove(name);
            if (step.Inputs.ContainsKey(name)) missing.AddRange(faults.Select(fault => $"needs {fault}"));
            else without.AddRange(faults);
        }
    }

    // Readers take what there is.
    private static List<string> Faults(string name, string folder, Manifest input) => input.SchemaVersion != Manifest.CurrentSchema
        ? [$"{name} of schema version {Manifest.CurrentSchema}; the one that is there, of version {input.SchemaVersion}, was written by another lmmrec"]
        : [.. Verification.MissingOrCutOff(folder, input).Select(fault => $"{name}, whose {fault}")];
}
