using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Report;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate;

/// <summary>
/// Measures trained models, and beside them the most popular items, by the all-rank protocol, tests them against each other and writes the report
/// (docs/evaluation.md). A model is two tables of vectors; no model code is needed.
/// </summary>
public static class EvaluateStage
{
    /// <summary>The report's place in the artifact folder.</summary>
    public const string ReportFile = "report/index.html";

    private const int CodeVersion = 4;

    /// <summary>The one step of the stage: tables per-user, metrics and tests, and the report.</summary>
    /// <param name="options">cut-offs and comparison</param>
    /// <param name="dataset">name of the data set, for the report's title</param>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="models">folders of the trained models, by the name of the case</param>
    /// <param name="folder">the artifact to make</param>
    public static IReadOnlyList<Step> Steps(
        EvaluateOptions options, string dataset, string ingest, IReadOnlyDictionary<string, string> models, string folder)
    {
        var fingerprinted = ConfigurationBinder.ToJson(options);
        fingerprinted["dataset"] = dataset;
        var inputs = models.ToDictionary(model => $"models/{model.Key}", model => model.Value);
        inputs["ingest"] = ingest;
        return
        [
            new Step("evaluate", folder, CodeVersion, fingerprinted, inputs,
                (context, cancellation) => RunAsync(options, dataset, ingest, models, context, cancellation)),
        ];
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

    private static async Task RunAsync(
        EvaluateOptions options, string dataset, string ingest, IReadOnlyDictionary<string, string> models,
        StepContext context, CancellationToken cancellation)
    {
        if (models.Count == 0)
            throw new InvalidInputException("evaluate: there is no trained model to measure; name a recommender in train.recommenders and run train first");
        Check(options, ingest);
        var data = await HeldOutData.ReadAsync(ingest, cancellation);
        var measured = new List<MeasuredCase> { Measured(CaseDescription.MostPopular, TrainedModel.MostPopular(data)) };
        using (var progress = context.Progress.Start("evaluate models", models.Count))
        {
            foreach (var (name, folder) in models.OrderBy(model => model.Key, StringComparer.Ordinal))
            {
                progress.Describe(name);
                var description = CaseDescription.Of(name, folder, Manifest.Read(folder));
                var model = await TrainedModel.ReadAsync(description, folder, data, cancellation);
                measured.Add(Measured(description, model));
                progress.Advance(1);
            }
        }
        var cases = CaseTitles.Titled(Evaluation.BestFirst(measured));
        foreach (var cutoff in options.Cutoffs.Where(cutoff => Evaluation.TellsNothing(cases, cutoff)))
            context.Progress.Note($"warning: {MetricNames.Display(RankingMetric.Recall.InTables(), cutoff)} is 1 for every user of every case and tells nothing apart, as where no user has more than {cutoff} candidates: lower evaluate.cutoffs");
        var tests = options.Compare == Comparison.Paired ? PairwiseTests.Of(cases, options.Margin, context.Threads, cancellation) : [];
        await WriteAsync(new Evaluation(dataset, data, cases, tests, options), context.Output, cancellation);

        MeasuredCase Measured(CaseDescription description, TrainedModel model) => MeasuredCase.Of(description, model, data, options.Cutoffs, context.Threads, cancellation);
    }

    private static async Task WriteAsync(Evaluation evaluation, ArtifactWriter output, CancellationToken cancellation)
    {
        await output.WriteTableAsync(evaluation.PerUserRows(), cancellation);
        await output.WriteTableAsync(evaluation.MetricRows(), cancellation);
        await output.WriteTableAsync(evaluation.Tests, cancellation);
        await File.WriteAllTextAsync(output.PathFor(ReportFile), ReportPage.Of(evaluation), new UTF8Encoding(false), cancellation);
        output.Facts["dataset"] = evaluation.Dataset;
        output.Facts["cases"] = evaluation.Cases.Count;
        output.Facts["users"] = evaluation.Cases[0].Test.Users.Count;
    }
}
