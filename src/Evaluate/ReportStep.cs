using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Evaluate.Report;
using LmmRec.Evaluate.Report.Files;

namespace LmmRec.Evaluate;

/// <summary>Writes the report over all data sets of which there is a comparison.</summary>
internal static class ReportStep
{
    /// <param name="options">as the cases were measured and compared</param>
    /// <param name="dataSets">the data sets</param>
    /// <param name="folders">all artifacts that the report could tell of, some of which may have failed</param>
    /// <param name="context">where the report goes</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">There is no comparison at all, or a table is broken.</exception>
    public static async Task RunAsync(EvaluateOptions options, IReadOnlyList<EvaluatedDataSet> dataSets, IReadOnlyList<string> folders, StepContext context, CancellationToken cancellation)
    {
        var evaluations = new List<Evaluation>();
        foreach (var dataSet in dataSets.Where(dataSet => Has(dataSet, "comparison") && Has(dataSet, "ingest")))
            evaluations.Add(await Evaluation.ReadAsync(options, dataSet with { Models = Usable(dataSet, "models", dataSet.Models), Features = Usable(dataSet, "features", dataSet.Features) }, cancellation));
        if (evaluations.Count == 0) throw new InvalidInputException("there is no comparison yet to report on; run the earlier stages first, or 'lmmrec run' for all");
        var study = new Study(evaluations, Failed(dataSets, folders));
        await ReportFiles.WriteAsync(study, context.Output, cancellation);
        await File.WriteAllTextAsync(context.Output.PathFor(Manifest.PageFileName), await ReportPage.OfAsync(study, cancellation), new UTF8Encoding(false), cancellation);

        bool Has(EvaluatedDataSet dataSet, string input) => context.Has($"{dataSet.Name}/{input}");
        Dictionary<string, string> Usable(EvaluatedDataSet dataSet, string kind, IReadOnlyDictionary<string, string> folders) =>
            folders.Where(folder => Has(dataSet, $"{kind}/{folder.Key}")).ToDictionary();
    }

    // A step that nothing of the report is made of, such as tuning or a download, is told of where it kept others from running.
    private static List<FailedStep> Failed(IReadOnlyList<EvaluatedDataSet> dataSets, IReadOnlyList<string> folders)
    {
        List<FailedStep> own = [.. folders.Select(FailedStep.TryRead).OfType<FailedStep>().Where(step => step.IsFailure).Distinct()];
        var reasons = own.Where(step => step.Cause == FailedStep.NotRun).Select(step => step.Message).ToHashSet();
        return [.. own, .. dataSets.SelectMany(dataSet => FailedStep.Below(dataSet.Root)).Where(step => reasons.Contains(FailedStep.Since(step.Step))).Except(own)];
    }
}
