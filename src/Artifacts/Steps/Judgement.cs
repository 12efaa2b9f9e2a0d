using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Steps;

/// <summary>Compares a step with the artifact that is there.</summary>
/// <param name="step">the step</param>
/// <param name="inputs">the contents of the inputs that can be used</param>
/// <param name="device">where graphs are to run</param>
/// <param name="cuda">how a card computes</param>
internal sealed class Judgement(Step step, SortedDictionary<string, string> inputs, string device, CudaOptions? cuda)
{
    /// <summary>Whether it would run, and why.</summary>
    /// <exception cref="InvalidInputException">A file that the user gave is missing, or a manifest cannot be read.</exception>
    public async Task<StepState> OfAsync(CancellationToken cancellation)
    {
        var (former, damaged) = Former();
        var recipe = await RecipeAsync(former, cancellation);
        List<Reason> goesOn = step.GoesOn(ArtifactWriter.UnfinishedOf(step.Folder, step.UnfinishedFor(recipe))) is { } place ? [new(ReasonKind.GoesOn, place)] : [];
        if (damaged is not null) return StepState.WouldRun([damaged], recipe);
        if (former is not { } manifest) return StepState.WouldRun(goesOn.Count > 0 ? goesOn : [new(ReasonKind.New, "there is no artifact yet")], recipe);
        if (manifest.SchemaVersion != Manifest.CurrentSchema || manifest.Fingerprint != recipe.Fingerprint) return StepState.WouldRun([.. Differences(manifest, recipe), .. goesOn], recipe);
        IReadOnlyList<Reason> cutOff = [.. Verification.MissingOrCutOff(step.Folder, manifest).Select(fault => new Reason(ReasonKind.Damaged, fault))];
        if (cutOff.Count > 0) return StepState.WouldRun(cutOff, recipe);
        return step.RunsAgain(step.Folder) is { } reason ? StepState.WouldRun([new(ReasonKind.Asked, reason), .. goesOn], recipe)
            : new StepState(StepStatus.Done, (string?)manifest.Facts[Manifest.Stopped] is { } stopped ? [stopped] : [], recipe);
    }

    // The artifact that is there, or what is known to be wrong with it before its recipe is looked at.
    private (Manifest? Manifest, Reason? Damaged) Former()
    {
        try
        {
            var manifest = Manifest.TryRead(step.Folder);
            if (FailedStep.TryRead(step.Folder) is { Cause: FailedStep.Damaged } found) return (null, new(ReasonKind.Damaged, found.Message));
            return (manifest, manifest is null && Directory.Exists(step.Folder) ? new(ReasonKind.Damaged, $"{Path.Combine(step.Folder, Manifest.FileName)} is gone") : null);
        }
        catch (InvalidInputException e) when (e is not NewerVersionException)
        {
            return (null, new(ReasonKind.Damaged, e.Message));
        }
    }

    private async Task<Recipe> RecipeAsync(Manifest? former, CancellationToken cancellation)
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
        return new Recipe(step.Name, step.CodeVersion, options, inputs)
        {
            Reads = reads.Count > 0 ? reads : null,
            StartedFrom = former is not null && step.StartsFrom(former) ? Start(former) : null,
        };
    }

    // What a step starts from; nothing where that is not whole.
    private string? Start(Manifest former) =>
        former.SchemaVersion == Manifest.CurrentSchema && Verification.MissingOrCutOff(step.Folder, former).Count == 0 ? former.Content : null;

    private List<Reason> Differences(Manifest old, Recipe now)
    {
        var reasons = new List<Reason>();
        if (old.SchemaVersion != Manifest.CurrentSchema) reasons.Add(new(ReasonKind.Code, $"schema version {old.SchemaVersion} → {Manifest.CurrentSchema}"));
        if (old.Recipe.CodeVersion != now.CodeVersion) reasons.Add(new(ReasonKind.Code, $"code version {old.Recipe.CodeVersion} → {now.CodeVersion}"));
        Compare(Flatten(old.Recipe.Options), Flatten(now.Options), OfOption);
        var reads = ReadsOtherTables(old.Recipe, now);
        reasons.AddRange(reads.Select(input => new Reason(ReasonKind.Code, $"reads other tables of {input}"))); // whose hashes are then of different things
        Compare(Without(old.Recipe.Inputs), Without(now.Inputs), OfInput);
        return reasons.Count > 0 ? reasons : [new(ReasonKind.Damaged, "the manifest was changed")];

        Dictionary<string, string> Without(SortedDictionary<string, string> inputs) => inputs.Where(input => !reads.Contains(input.Key)).ToDictionary();

        void Compare(IDictionary<string, string> before, IDictionary<string, string> after, Func<string, string?, string?, Reason> of)
        {
            foreach (var key in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
            {
                before.TryGetValue(key, out var a);
                after.TryGetValue(key, out var b);
                if (a != b) reasons.Add(of(key, a, b));
            }
        }
    }

    private static List<string> ReadsOtherTables(Recipe old, Recipe now) =>
        [.. old.Inputs.Keys.Intersect(now.Inputs.Keys).Where(input => !(old.Reads?.GetValueOrDefault(input) ?? []).SequenceEqual(now.Reads?.GetValueOrDefault(input) ?? []))];

    private static Reason OfOption(string key, string? before, string? after) => IsHash(before) && IsHash(after)
        ? new(ReasonKind.Files, $"option {key} changed: names or sizes of the files")
        : new(ReasonKind.Option, $"option {key} {before ?? "(none)"} → {after ?? "(none)"}");

    private Reason OfInput(string key, string? before, string? after)
    {
        var changed = $"{key} {(before is null ? "is new" : after is null ? "is gone" : "changed")}";
        if (key.StartsWith(Manifest.CardFiles, StringComparison.Ordinal)) return new(ReasonKind.Encoder, changed);
        var isFile = step.Files.ContainsKey(key) || (step.Files.Count > 0 && !step.Inputs.ContainsKey(key) && !step.Optional.ContainsKey(key)); // or was one
        return isFile ? new(ReasonKind.Files, changed) : new(ReasonKind.Input, $"input {changed}") { Input = key };
    }

    // Of names and sizes of files, such as those of a folder of pictures: to a reader it says nothing.
    private static bool IsHash(string? value) => value?.Trim('"') is { } text && Hashing.IsOne(text);

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
