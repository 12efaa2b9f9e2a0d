using System.Text.Json.Nodes;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Data;
using LmmRec.Train.Harness;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train;

/// <summary>
/// The third stage: trains recommenders, one artifact per case. An artifact holds the training artifacts with the checkpoint of the best epoch, and
/// the tables users, items (final vectors) and history.
/// </summary>
public static class TrainStage
{
    private const int CodeVersion = 1;

    /// <summary>One step per case.</summary>
    /// <param name="options">what is trained, and how</param>
    /// <param name="sources">the encoders whose features there are</param>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="models">folder below which each case gets its own</param>
    /// <exception cref="Artifacts.ConfigurationException">A recommender needs features that no encoder gives.</exception>
    public static IReadOnlyList<Step> Steps(TrainOptions options, IReadOnlyList<FeatureSource> sources, string ingest, string models) =>
        [.. TrainCase.All(options, sources).Select(trainCase => new Step(
            $"train/{trainCase.Name}", Path.Combine(models, trainCase.Name), CodeVersion, Recipe(trainCase, options), Inputs(trainCase, ingest),
            (context, cancellation) => RunAsync(trainCase, options, ingest, context, cancellation)))];

    private static JsonObject Recipe(TrainCase trainCase, TrainOptions options) => new()
    {
        ["recommender"] = trainCase.Recommender.Name,
        ["modalities"] = trainCase.Modalities,
        ["seed"] = trainCase.Seed,
        ["epochs"] = options.Epochs,
        ["batchSize"] = options.BatchSize,
        ["evaluateEvery"] = options.EvaluateEvery,
        ["patience"] = options.Patience,
        ["missing"] = trainCase.Features is null ? null : options.Missing.ToString().ToLowerInvariant(),
        ["settings"] = new JsonArray([.. Settings(trainCase, options).Select(setting => ConfigurationBinder.ToJson(setting.Options))]),
    };

    private static Dictionary<string, string> Inputs(TrainCase trainCase, string ingest)
    {
        var inputs = new Dictionary<string, string> { ["ingest"] = ingest };
        foreach (var folder in new[] { Visual(trainCase), Textual(trainCase) }.OfType<string>()) inputs[$"features/{Path.GetFileName(folder)}"] = folder;
        return inputs;
    }

    private static async Task RunAsync(TrainCase trainCase, TrainOptions options, string ingest, StepContext context, CancellationToken cancellation)
    {
        var data = await Dataset.ReadAsync(ingest, cancellation);
        var catalogue = new Catalogue(data.Users, data.Items,
            await ReadAsync(Visual(trainCase), visual: true), await ReadAsync(Textual(trainCase), visual: false))
        {
            UserItems = UserItemGraph.Of(data),
            BatchSize = options.BatchSize,
            Neighbours = (features, k) => Neighbours.Of(features.Values, features.Width, k, context.Threads, cancellation),
        };

        // Each setting is trained in a folder of its own; the best on validation is kept, the others are not.
        var results = new List<(Trained Trained, string Folder)>();
        foreach (var setting in Settings(trainCase, options))
        {
            var folder = context.Output.PathFor($"setting-{results.Count}");
            results.Add((new Trainer(trainCase, setting, data, catalogue, options, context).Train(folder, cancellation), folder));
        }
        var (best, bestFolder) = results.MaxBy(result => result.Trained.Validation);
        foreach (var file in Directory.EnumerateFiles(bestFolder)) File.Move(file, context.Output.PathFor(Path.GetFileName(file)));
        foreach (var (_, folder) in results) Directory.Delete(folder, recursive: true);

        var output = context.Output;
        await output.WriteTableAsync(data.UserIds.Select((id, u) => new UserVectorRow(u, id, best.Users[u].ToArray())), cancellation);
        await output.WriteTableAsync(data.ItemIds.Select((id, i) => new ItemVectorRow(i, id, best.Items[i].ToArray())), cancellation);
        await output.WriteTableAsync(results.SelectMany(result => result.Trained.History), cancellation);
        Describe(output.Facts);
        output.Runtime["device"] = context.Device;
        output.Runtime["onnxruntime"] = Graphs.RuntimeOptions.Version;

        async Task<FeatureMatrix?> ReadAsync(string? folder, bool visual) =>
            folder is null ? null : await FeatureMatrix.ReadAsync(folder, visual, data.ItemIds, options.Missing, cancellation);

        void Describe(JsonObject facts)
        {
            facts["recommender"] = trainCase.Recommender.Name;
            facts["encoder"] = trainCase.Features?.Name;
            facts["paradigm"] = trainCase.Features?.Paradigm;
            facts["modalities"] = trainCase.Modalities;
            facts["seed"] = trainCase.Seed;
            facts["setting"] = ConfigurationBinder.ToJson(best.Setting.Options);
            facts["settingsTried"] = results.Count;
            facts["bestEpoch"] = best.BestEpoch;
            facts["epochs"] = best.Epochs;
            facts["validationRecall"] = best.Validation;
            facts["users"] = data.Users;
            facts["items"] = data.Items;
            facts["usersWithEverythingSeen"] = data.UsersWithEverythingSeen;
            facts["itemsWithoutVisual"] = catalogue.Visual?.Filled;
            facts["itemsWithoutTextual"] = catalogue.Textual?.Filled;
        }
    }

    private static IReadOnlyList<Setting> Settings(TrainCase trainCase, TrainOptions options) =>
        Grid.Expand(trainCase.Recommender.OptionsType, options.Options[trainCase.Recommender.Name] as JsonObject ?? []);

    private static string? Visual(TrainCase trainCase) => Uses(trainCase, 'v') ? trainCase.Features!.Visual : null;

    private static string? Textual(TrainCase trainCase) => Uses(trainCase, 't') ? trainCase.Features!.Textual : null;

    private static bool Uses(TrainCase trainCase, char modality) => trainCase.Modalities?.Contains(modality, StringComparison.Ordinal) ?? false;
}
