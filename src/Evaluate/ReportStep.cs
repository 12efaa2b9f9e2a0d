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
    /// <exception cref="InvalidInputException">There is no comparison at all, or a table is broken.</exception>
    public static async Task RunAsync(EvaluateOptions options, IReadOnlyList<EvaluatedDataSet> dataSets, StepContext context, CancellationToken cancellation)
    {
        var evaluations = new List<Evaluation>();
        foreach (var dataSet in dataSets.Where(dataSet => Manifest.TryRead(dataSet.Comparison) is not null))
            evaluations.Add(await Evaluation.ReadAsync(options, dataSet, cancellation));
        if (evaluations.Count == 0) throw new InvalidInputException("report: there is no comparison yet to report on; run the earlier stages first, or 'lmmrec run' for all");
        var study = new Study(evaluations, Failed: []);
        await ReportFiles.WriteAsync(study, context.Output, cancellation);
        await File.WriteAllTextAsync(context.Output.PathFor(Manifest.PageFileName), await ReportPage.OfAsync(study, cancellation), new UTF8Encoding(false), cancellation);
    }
}
