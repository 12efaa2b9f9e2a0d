using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Baselines;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Rankings;
using LmmRec.Evaluate.Report;

namespace LmmRec.Evaluate;

/// <summary>
/// Measures trained models, and beside them baselines that take no training, by the all-rank protocol, tests them against each other and writes the
/// report (docs/evaluation.md). A model is two tables of vectors; no model code is needed.
/// </summary>
public static class EvaluateStage
{
    private const int MeasureVersion = 7, CompareVersion = 7, ReportVersion = 7;

    private static readonly Dictionary<string, IReadOnlyList<string>> ReadsIngest = new() { ["ingest"] = IngestTables.Names };

    /// <summary>The steps of one data set: one that measures each case, then one that compares those that are there.</summary>
    /// <param name="options">cut-offs and comparison</param>
    /// <param name="dataSet">what to measure, and where it lies</param>
    /// <exception cref="ConfigurationException">A file of rankings cannot name a case.</exception>
    public static IReadOnlyList<Step> Steps(EvaluateOptions options, EvaluatedDataSet dataSet)
    {
        var sources = Sources(options, dataSet);
        return [.. sources.Select(source => Measure(options, dataSet, source)), Compare(options, dataSet, sources)];
    }

    /// <summary>The step that writes the report over all data sets of which there is a comparison.</summary>
    /// <param name="options">as the cases were measured and compared</param>
    /// <param name="dataSets">all data sets, in the order of the report</param>
    /// <param name="folder">the artifact to make</param>
    public static Step Report(EvaluateOptions options, IReadOnlyList<EvaluatedDataSet> dataSets, string folder)
    {
        List<(string Name, string Folder)> inputs =
        [
            .. from dataSet in dataSets
               from input in Sources(options, dataSet).Select(source => (Name: $"evaluation/{source.Name}", Folder: dataSet.EvaluationOf(source.Name)))
                   .Append((Name: "ingest", Folder: dataSet.Ingest)).Append((Name: "comparison", Folder: dataSet.Comparison))
                   .Concat(dataSet.Models.Select(model => (Name: $"models/{model.Key}", Folder: model.Value)))
                   .Concat(dataSet.Features.Select(features => (Name: $"features/{features.Key}", Folder: features.Value)))
                   .Concat(dataSet.Upstream.Select(artifact => (Name: artifact.Key, Folder: artifact.Value)))
               select ($"{dataSet.Name}/{input.Name}", input.Folder),
        ];
        // Of several data sets those are reported that have come so far; the comparison of a single one has to be there.
        var required = dataSets.Count > 1 ? [] : new Dictionary<string, string> { [$"{dataSets[0].Name}/comparison"] = dataSets[0].Comparison, [$"{dataSets[0].Name}/ingest"] = dataSets[0].Ingest };
        // What the options change of the report, they change of the comparison and the measured cases.
        return new Step("report", folder, ReportVersion, new JsonObject { ["datasets"] = new JsonArray([.. dataSets.Select(dataSet => (JsonNode)dataSet.Name)]) }, required,
            (context, cancellation) => ReportStep.RunAsync(options, dataSets, [.. inputs.Select(input => input.Folder)], context, cancellation))
        {
            Optional = inputs.Where(input => !required.ContainsKey(input.Name)).ToDictionary(input => input.Name, input => input.Folder),
            TellsFailures = true,
            TakesTurns = true,
            RunsAgain = report => ReportPage.IsWhole(Path.Combine(report, Manifest.PageFileName)) ? null : $"{Manifest.PageFileName} is gone or cut",
        };
    }

    /// <summary>
    /// Refuses what could not be measured: a cut-off above the catalogue, an empty training or test split. Ingest's manifest says it all, so this can be asked before
    /// hours of training; where there is no manifest yet, nothing is refused.
    /// </summary>
    /// <param name="options">cut-offs</param>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <exception cref="InvalidInputException">Names the key and the files.</exception>
    public static void Check(EvaluateOptions options, string ingest)
    {
        if (Manifest.TryRead(ingest) is not { } manifest) return;
        var files = manifest.Recipe.Inputs.Count == 0 ? ingest : $"{ingest} (made from {string.Join(", ", manifest.Recipe.Inputs.Keys)})";
        var (items, test) = ((int?)manifest.Facts["items"] ?? 0, (int?)manifest.Facts["interactions"]?[Splits.Test] ?? 0);
        var dropped = (int?)manifest.Facts["dropped"]?["interactionsOfUsersWithoutTrainingRows"] ?? 0;
        if (options.Cutoffs.Max() > items)
            throw new InvalidInputException($"evaluate.cutoffs: {options.Cutoffs.Max()} is more than the {items} items of {files}; allowed 1 to {items}");
        if (((int?)manifest.Facts["interactions"]?[Splits.Train] ?? 0) == 0)
            throw new InvalidInputException(
                $"ingest.split: no interaction of {files} is in the training split, so there is nothing to learn from; mark most in the data's own split (x_label 0), or choose an ingest.split.kind that draws one");
        if (test == 0)
            throw new InvalidInputException(
                $"ingest.split: no interaction of {files} is in the test split{(dropped == 0 ? "" : $", as {dropped} of users without a training row were dropped")}, so there is nothing to evaluate on; mark some in the data's own split (x_label 2), or choose an ingest.split.kind that draws one");
    }

    /// <summary>The cases of a data set, whether they are there or not. What every other case has to beat stands first.</summary>
    private static IReadOnlyList<CaseSource> Sources(EvaluateOptions options, EvaluatedDataSet dataSet)
    {
        CaseSource[] own =
        [
            MostPopular.Case,
            .. options.Baselines.SelectMany(baseline => baseline == Baseline.ItemKnn ? [ItemKnn.Case] : dataSet.Features.Select(features => ContentKnn.Case(features.Key, features.Value))),
            .. dataSet.Models.OrderBy(model => model.Key, StringComparer.Ordinal).Select(model => TrainedModel.Case(model.Key, model.Value)),
        ];
        List<string> faults = [.. RankingsFile.Faults(dataSet.Rankings, [.. own.Select(source => source.Name)])];
        return faults.Count > 0 ? throw new ConfigurationException(faults) : [.. own, .. dataSet.Rankings.Select(file => RankingsFile.Case(file, options.Cutoffs.Max()))];
    }

    // Neither the comparison nor its margin changes what a case is worth.
    private static Step Measure(EvaluateOptions options, EvaluatedDataSet dataSet, CaseSource source) => new(
        $"evaluate/{source.Name}", dataSet.EvaluationOf(source.Name), MeasureVersion, Recipe(options, "cutoffs"),
        new Dictionary<string, string>(source.Inputs) { ["ingest"] = dataSet.Ingest },
        (context, cancellation) => MeasureStep.RunAsync(options, dataSet.Ingest, source, context, cancellation))
    {
        Reads = ReadsIngest,
        Files = source.Files,
        CanBeLeftOut = source.CanBeLeftOut,
        Work = size => WorkOf(options, size),
    };

    // A product for each user and item, of vectors as long as most are; on disk, the values of each user.
    private static StepWork WorkOf(EvaluateOptions options, DatasetSize size)
    {
        const int Width = 64, Metrics = 6;
        var products = (double)size.Users * size.Items;
        return new StepWork(Width * products, 0, sizeof(float) * Width * (double)(size.Users + size.Items), sizeof(double) * Metrics * options.Cutoffs.Count * (double)size.Users, $"{size.Users} users × {size.Items} items");
    }

    private static Step Compare(EvaluateOptions options, EvaluatedDataSet dataSet, IReadOnlyList<CaseSource> sources)
    {
        var cases = sources.ToDictionary(source => $"evaluation/{source.Name}", source => dataSet.EvaluationOf(source.Name));
        var required = new Dictionary<string, string> { ["ingest"] = dataSet.Ingest, [$"evaluation/{MostPopular.Name}"] = dataSet.EvaluationOf(MostPopular.Name) };
        return new Step("compare", dataSet.Comparison, CompareVersion, Recipe(options, "cutoffs", "compare", "margin"), required,
            (context, cancellation) => CompareStep.RunAsync(options, cases, context, cancellation))
        {
            Reads = ReadsIngest,
            Optional = cases.Where(input => !required.ContainsKey(input.Key)).ToDictionary(),
        };
    }

    private static JsonObject Recipe(EvaluateOptions options, params string[] keys)
    {
        var all = ConfigurationBinder.ToJson(options);
        return new JsonObject(keys.Select(key => KeyValuePair.Create(key, all[key]?.DeepClone())));
    }
}
