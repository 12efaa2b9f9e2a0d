using System.Text.Json.Nodes;
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
    /// <summary>What became of the last attempt, one line; null: it did not fail.</summary>
    public string? LastTime { get; init; }

    /// <summary>The reasons, and what became of the last attempt where it failed.</summary>
    public IReadOnlyList<string> Told => LastTime is null ? Reasons : [.. Reasons, LastTime];

    /// <summary>What the step does without, one line each: optional inputs that are there and cannot be used, and why.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Compares a step, run on <paramref name="device"/>, with the artifact that is there.</summary>
    /// <exception cref="InvalidInputException">A file that the user gave is missing, or a manifest cannot be read.</exception>
    public static async Task<StepState> OfAsync(Step step, string device, CancellationToken cancellation, CudaOptions? cuda = null)
    {
        var (inputs, missing, without) = Inputs(step);
        var state = missing.Count > 0 ? new StepState(StepStatus.Waits, missing, null) : await JudgeAsync(step, inputs, device, cuda, cancellation);
        return state with { Without = without, LastTime = FailedStep.TryRead(step.Folder) is { IsFailure: true } failed ? $"the last time: {failed.Message}" : null };
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
                if (step.Inputs.ContainsKey(name)) missing.Add($"needs {name}, whose last attempt failed: {failed.Message}");
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

    private static async Task<StepState> JudgeAsync(Step step, SortedDictionary<string, string> inputs, string device, CudaOptions? cuda, CancellationToken cancellation)
    {
        foreach (var (name, path) in step.Files)
        {
            if (!Path.Exists(path)) throw new InvalidInputException($"{path}: there is no such file; --data names the folder of the input's files");
            inputs[name] = await Hashing.OfPathAsync(path, cancellation);
        }
        var options = (JsonObject)step.Options.DeepClone();
        if (step.RunsGraphs) options["device"] = device;
        if (step.RunsGraphs && device != "cpu" && cuda?.Recipe is { } computes) options["cuda"] = computes;
        var reads = new SortedDictionary<string, IReadOnlyList<string>>(step.Reads.ToDictionary(), StringComparer.Ordinal);
        var manifest = Manifest.TryRead(step.Folder);
        var recipe = new Recipe(step.Name, step.CodeVersion, options, inputs)
        {
            Reads = reads.Count > 0 ? reads : null,
            StartedFrom = step.StartsFromFormer ? Start(step.Folder, manifest) : null,
        };
        var goesOn = step.GoesOn(ArtifactWriter.UnfinishedOf(step.Folder, step.UnfinishedFor(recipe)));
        if (manifest is null) return new StepState(StepStatus.WouldRun, [goesOn ?? "there is no artifact yet"], recipe);
        if (manifest.SchemaVersion == Manifest.CurrentSchema && manifest.Fingerprint == recipe.Fingerprint)
        {
            var reasons = Verification.MissingOrCutOff(step.Folder, manifest);
            if (reasons.Count == 0 && step.RunsAgain(step.Folder) is { } reason) reasons = goesOn is null ? [reason] : [reason, goesOn];
            return reasons.Count == 0 ? new StepState(StepStatus.Done, (string?)manifest.Facts[Manifest.Stopped] is { } stopped ? [stopped] : [], recipe) : new StepState(StepStatus.WouldRun, reasons, recipe);
        }
        return new StepState(StepStatus.WouldRun, goesOn is null ? Differences(manifest, recipe) : [.. Differences(manifest, recipe), goesOn], recipe);
    }

    // What a step starts from; nothing where that is not whole.
    private static string? Start(string folder, Manifest? former) =>
        former is { SchemaVersion: Manifest.CurrentSchema } && Verification.MissingOrCutOff(folder, former).Count == 0 ? former.Content : null;

    private static List<string> Differences(Manifest old, Recipe now)
    {
        var reasons = new List<string>();
        if (old.SchemaVersion != Manifest.CurrentSchema) reasons.Add($"schema version {old.SchemaVersion} → {Manifest.CurrentSchema}");
        if (old.Recipe.CodeVersion != now.CodeVersion) reasons.Add($"code version {old.Recipe.CodeVersion} → {now.CodeVersion}");
        Compare("option ", Flatten(old.Recipe.Options), Flatten(now.Options), showValues: true);
        Compare("input ", old.Recipe.Inputs, now.Inputs, showValues: false);
        return reasons.Count > 0 ? reasons : ["the manifest was changed"];

        void Compare(string what, IDictionary<string, string> before, IDictionary<string, string> after, bool showValues)
        {
            foreach (var key in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
            {
                before.TryGetValue(key, out var a);
                after.TryGetValue(key, out var b);
                if (a == b) continue;
                if (showValues && IsHash(a) && IsHash(b)) reasons.Add($"{what}{key} changed: names or sizes of the files");
                else reasons.Add(showValues ? $"{what}{key} {a ?? "(none)"} → {b ?? "(none)"}" : $"{what}{key} {(a is null ? "is new" : b is null ? "is gone" : "changed")}");
            }
        }
    }

    // Of names and sizes of files, such as those of a folder of pictures: to a reader it says nothing.
    private static bool IsHash(string? value) => value?.Trim('"') is { Length: 64 } digits && digits.All(char.IsAsciiHexDigitLower);

    private static SortedDictionary<string, string> Flatten(JsonNode node)
    {
        var flat = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Walk(node, "");
        return flat;

        void Walk(JsonNode? value, string path)
        {
            if (value is JsonObject inner)
                foreach (var (key, child) in inner) Walk(child, path.Length == 0 ? key : $"{path}.{key}");
            else flat[path] = value?.ToJsonString() ?? "null";
        }
    }
}
