using System.Globalization;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Data;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Harness;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Search;

namespace LmmRec.Train;

/// <summary>
/// The third stage: trains recommenders, one artifact per case. An artifact holds the training artifacts with the checkpoint of the best epoch, and
/// the tables users, items (final vectors), history and trials.
/// </summary>
public static class TrainStage
{
    private const int CodeVersion = 12;
    private const string NeighbourFolder = "item-neighbours";

    /// <summary>The name of the ingest artifact among the inputs.</summary>
    internal const string Ingest = "ingest";

    /// <summary>One step per case.</summary>
    /// <param name="options">how they are trained</param>
    /// <param name="cases">what is trained</param>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="models">folder below which each case gets its own</param>
    /// <param name="search">how hyper-parameters are searched for; null: by the grid</param>
    /// <exception cref="ConfigurationException">An encoder cannot be trained end to end.</exception>
    public static IReadOnlyList<Step> Steps(TrainOptions options, IReadOnlyList<TrainCase> cases, string ingest, string models, SearchOptions? search = null)
    {
        search ??= new SearchOptions();
        List<string> faults = [.. CaseEncoders.Faults(cases)];
        if (options.WarmStart && cases.Any(trainCase => trainCase.EndToEnd)) faults.Add(
            "train.warmStart: an encoder of the paradigm \"ete\" begins with the weights of its card, to which yesterday's recommender does not fit; switch it off, or leave ete out");
        var (work, checkTowers) = (new CaseWork(options, search), CaseEncoders.Checking(options.Ete));
        return faults.Count > 0 ? throw new ConfigurationException(faults) : [.. cases.Select(trainCase => new Step(
            $"train/{trainCase.Name}", Path.Combine(models, trainCase.Name), CodeVersion, Recipe(trainCase, options, search), Inputs(trainCase, ingest),
            (context, cancellation) => RunAsync(trainCase, options, search, ingest, models, context, cancellation))
        {
            Reads = new Dictionary<string, IReadOnlyList<string>> { [Ingest] = [.. IngestTables.Names.Union(trainCase.EndToEnd ? CatalogueItem.Tables : [])] },
            Files = CaseEncoders.FilesOf(trainCase),
            RunsGraphs = true,
            StartsFrom = former => options.WarmStart && HasSplitOf(former, ingest),
            Check = () =>
            {
                checkTowers(trainCase);
                Check(trainCase);
            },
            Work = size => work.Of(trainCase, Settings(trainCase, options, search), size),
            GoesOn = unfinished => GoesOn(Settings(trainCase, options, search), unfinished),
        })];
    }

    // Refuses a case none of whose items has a vector in a slot that it uses.
    private static void Check(TrainCase trainCase)
    {
        string[] empty = [.. Empty(Visual(trainCase), "visual", "picture"), .. Empty(Textual(trainCase), "textual", "text")];
        if (empty.Length > 0)
            throw new InvalidInputException(
                $"encoders: {string.Join("; ", empty)}; '{trainCase.Name}' needs them: leave the encoder out, name other train.modalities, or bring a catalogue, which a folder in MMRec's layout does not have");

        static int Failed(JsonObject counts) => ((int?)counts[FeatureStatus.Undecodable] ?? 0) + ((int?)counts[FeatureStatus.TooLarge] ?? 0);

        static IEnumerable<string> Empty(string? folder, string slot, string content)
        {
            if (folder is not null && Manifest.TryRead(folder)?.Facts[slot] is JsonObject counts && (int?)counts["ok"] == 0)
                yield return $"'{Path.GetFileName(folder)}' gives no {slot} vector: {counts["missing"]} items have no {content}, {Failed(counts)} could not be encoded";
        }
    }

    private static ResumePoint Resume(string unfinished, int setting) => new(Path.Combine(unfinished, $"setting-{setting}"));

    private static string? GoesOn(IReadOnlyList<Setting> settings, string unfinished)
    {
        foreach (var (n, setting) in settings.Index().Reverse())
        {
            if (Resume(unfinished, n).NextEpoch is { } epoch) return $"goes on with epoch {epoch} {(setting.Name.Length == 0 ? "" : $"of {setting.Name}")}".TrimEnd();
            if (Resume(unfinished, n).Decided(setting) is not null) return $"goes on after {setting.Name}".TrimEnd();
        }
        return null;
    }

    /// <summary>The most epochs of all settings of a case together.</summary>
    /// <param name="recipe">of the case's step</param>
    /// <param name="end">the epoch in which trainings are thought to end early; null: none does</param>
    public static int EpochsOfAllSettings(JsonObject recipe, int? end = null) => SearchPlan.Epochs(
        [.. recipe["settings"]!.AsArray().Select(setting => Math.Min((int?)setting!["epochs"] ?? (int)recipe["epochs"]!, end ?? int.MaxValue))], (int)recipe["evaluateEvery"]!,
        (int?)recipe["halving"] is { } factor ? new SearchOptions { Kind = SearchKind.Halving, Factor = factor } : new SearchOptions());

    private static JsonObject Recipe(TrainCase trainCase, TrainOptions options, SearchOptions search)
    {
        var recipe = new JsonObject
        {
            ["recommender"] = trainCase.Recommender.Name,
            ["modalities"] = trainCase.Modalities,
            ["seed"] = trainCase.Seed,
            ["epochs"] = options.Epochs,
            ["batchSize"] = options.BatchSize,
            ["evaluateEvery"] = options.EvaluateEvery,
            ["patience"] = options.Patience,
            ["missing"] = trainCase.Features is null ? null : options.Missing.ToString().ToLowerInvariant(),
            ["settings"] = new JsonArray([.. Settings(trainCase, options, search).Select(setting => ConfigurationBinder.ToJson(setting.Options))]),
        };
        if (search.Kind == SearchKind.Halving && recipe["settings"]!.AsArray().Count > 1) recipe["halving"] = search.Factor; // what was drawn are the settings
        if (options.WarmStart) recipe["warmStart"] = true;
        if (trainCase.EndToEnd) recipe["ete"] = options.Ete.RecipeFor(trainCase.Recommender);
        return recipe;
    }

    // A model that was trained by another split knows what is held out today.
    private static bool HasSplitOf(Manifest former, string ingest) => JsonNode.DeepEquals(former.Facts["split"], SplitOf(ingest));

    private static JsonObject SplitOf(string ingest)
    {
        var options = Manifest.Read(ingest).Recipe.Options;
        return new JsonObject(new[] { "split", "core", "sample" }.Where(options.ContainsKey).Select(key => KeyValuePair.Create(key, options[key]?.DeepClone())));
    }

    private static Dictionary<string, string> Inputs(TrainCase trainCase, string ingest)
    {
        var inputs = new Dictionary<string, string> { [Ingest] = ingest };
        foreach (var folder in new[] { Visual(trainCase), Textual(trainCase) }.OfType<string>()) inputs[$"features/{Path.GetFileName(folder)}"] = folder;
        return inputs;
    }

    private static async Task RunAsync(
        TrainCase trainCase, TrainOptions options, SearchOptions search, string ingest, string models, StepContext context, CancellationToken cancellation)
    {
        var neighbours = new NeighbourCache(Path.Combine(models, NeighbourFolder));
        var settings = Settings(trainCase, options, search);
        var trials = new SettingSearch(settings.Count, search);
        CaseData? read = null;
        WarmStart? start = null;
        var isWarm = context.Output.Recipe.StartedFrom is not null;
        if (options.WarmStart && !isWarm) context.Progress.Note($"{trainCase.Name}: begins cold: there is no whole model of it to start from that was trained by the same split");
        var best = await trials.RunAsync(TrainAsync, Decided) ?? throw new InvalidInputException(
            $"{trainCase.Name}: {(settings.Count == 1 ? "" : $"all {settings.Count} settings diverged, and there is no model to keep; the first: ")}{trials.FirstStopped}");
        var kept = FolderOf(trials.Winner!.Value);
        foreach (var file in Directory.GetFiles(kept)) File.Move(file, context.Output.PathFor(Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(kept)) Directory.Move(folder, context.Output.PathFor(Path.GetFileName(folder)));
        Directory.Delete(kept);

        var (output, data) = (context.Output, read!.Interactions);
        await output.WriteTableAsync(data.UserIds.Select((id, u) => new UserVectorRow(u, id, best.Users[u].ToArray())), cancellation);
        await output.WriteTableAsync(data.ItemIds.Select((id, i) => new ItemVectorRow(read.Items[i], id, best.Items[i].ToArray())), cancellation);
        var history = trials.History.ToList();
        await output.WriteTableAsync(history, cancellation);
        await output.WriteTableAsync(trials.Trials, cancellation);
        var chosenBy = history.FindAll(row => row.Decides);
        if (chosenBy.Count > 1 && chosenBy.TrueForAll(row => row.Value == chosenBy[0].Value)) context.Progress.Note(
            $"warning: {trainCase.Name}: {chosenBy[0].Name} on the validation split is {chosenBy[0].Value.ToString("0.0000", CultureInfo.InvariantCulture)} in every epoch of every setting and tells nothing apart; "
            + "the first epoch and the first setting were kept: give the validation split more interactions");
        Describe(output.Facts);
        output.Runtime["onnxruntime"] = Graphs.RuntimeOptions.Version;

        string FolderOf(int n) => context.Output.PathFor($"setting-{n}");

        async Task<Trained> TrainAsync(int n, int rungsToCome)
        {
            var resume = Resume(context.Output.Unfinished, n);
            if (resume.Decided(settings[n]) is { } lost && !resume.HasModel(lost)) return lost;
            read = await CaseData.ReadAsync(ingest, Visual(trainCase), Textual(trainCase), options.Missing, cancellation); // again: a model takes the features over
            var catalogue = new Catalogue(read.Interactions.Users, read.Interactions.Items, read.Visual, read.Textual)
            {
                UserItems = UserItemGraph.Of(read.Interactions),
                BatchSize = options.BatchSize,
                Neighbours = (features, k) => neighbours.Get(features, k, context.Threads, cancellation),
                EndToEnd = trainCase.EndToEnd,
            };
            if (isWarm) start ??= await WarmStart.OpenAsync(context.Output.Replaces, read.Interactions, cancellation);
            var epochs = ((RecommenderOptions)settings[n].Options).Epochs ?? options.Epochs;
            using var encoders = trainCase.EndToEnd ? await CaseEncoders.OpenAsync(trainCase, epochs, read, catalogue, ingest, options, context, cancellation) : null;
            var trained = new Trainer(trainCase, settings[n], read.Interactions, catalogue, encoders, start, options, context).Train(
                FolderOf(n), resume, SearchPlan.End(epochs, options.EvaluateEvery, rungsToCome, search.Factor), cancellation);
            if (rungsToCome > 0) Directory.Delete(FolderOf(n), recursive: true); // it is trained on from its state
            return trained;
        }

        // Only of the best so far more than its row is kept: there may be many settings, and models of gigabytes.
        void Decided(int n, Trained trained, bool isBest)
        {
            Resume(context.Output.Unfinished, n).Decide(trained, isBest);
            if (!isBest && Directory.Exists(FolderOf(n))) Directory.Delete(FolderOf(n), recursive: true);
        }

        void Describe(JsonObject facts)
        {
            facts["recommender"] = trainCase.Recommender.Name;
            facts["title"] = trainCase.Recommender.Title;
            facts["encoder"] = trainCase.Features?.Name;
            facts["paradigm"] = trainCase.Features?.Paradigm;
            facts["modalities"] = trainCase.Modalities;
            if (trainCase.Features?.Control is { } control) (facts["control"], facts["controlOf"]) = (control, trainCase.ControlOf);
            facts["seed"] = trainCase.Seed;
            facts["setting"] = ConfigurationBinder.ToJson(best.Setting.Options);
            facts["settingsTried"] = settings.Count;
            facts["bestEpoch"] = best.BestEpoch;
            facts["epochs"] = best.Epochs;
            facts["epochsOfAllSettings"] = trials.Trials.Sum(trial => trial.Epochs);
            facts[Manifest.Stopped] = best.Stopped;
            facts["chosenBy"] = chosenBy[0].Name;
            facts["validation"] = best.Validation;
            facts["users"] = data.Users;
            facts["items"] = data.Items;
            facts["split"] = SplitOf(ingest);
            facts["usersWithEverythingSeen"] = data.UsersWithEverythingSeen;
            facts["itemsWithoutVisual"] = read.WithoutVisual;
            facts["itemsWithoutTextual"] = read.WithoutTextual;
            facts["itemsDropped"] = read.Dropped;
        }
    }

    private static IReadOnlyList<Setting> Settings(TrainCase trainCase, TrainOptions options, SearchOptions search) => SearchPlan.Drawn(
        Grid.Expand(trainCase.Recommender.OptionsType, options.Options[trainCase.Recommender.Name] as JsonObject ?? []), search, trainCase.Recommender.Name);

    private static string? Visual(TrainCase trainCase) => Uses(trainCase, 'v') ? trainCase.Features!.Visual!.Folder : null;

    private static string? Textual(TrainCase trainCase) => Uses(trainCase, 't') ? trainCase.Features!.Textual!.Folder : null;

    private static bool Uses(TrainCase trainCase, char modality) => trainCase.Modalities?.Contains(modality, StringComparison.Ordinal) ?? false;
}
