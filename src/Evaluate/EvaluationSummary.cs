using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate;

/// <summary>The result table for a terminal: test metrics, one row per case.</summary>
/// <param name="Columns">what the values are, such as <c>Recall@10</c></param>
/// <param name="Rows">best first</param>
/// <param name="Users">users that the means go over</param>
/// <param name="Report">path of the report</param>
public sealed record EvaluationSummary(IReadOnlyList<string> Columns, IReadOnlyList<EvaluationSummary.Row> Rows, int Users, string Report)
{
    private static readonly string[] Compared = [.. Enum.GetValues<RankingMetric>().Where(metric => metric.IsCompared()).Select(metric => metric.InTables())];

    /// <param name="Case">name of the case</param>
    /// <param name="Values">means over users, one per column, not rounded</param>
    public sealed record Row(string Case, IReadOnlyList<double> Values);

    /// <summary>Reads it from a finished evaluation artifact, so that it can be shown when the stage was skipped as well.</summary>
    /// <exception cref="InvalidInputException">The table of metrics is missing or broken.</exception>
    public static async Task<EvaluationSummary> ReadAsync(string folder, CancellationToken cancellation)
    {
        var rows = await TableFile.ReadAsync<MetricRow>(TableFile.PathOf<MetricRow>(folder), cancellation);
        var test = rows.Where(row => row is { Split: Splits.Test, Items: HeldOutItems.All } && Compared.Contains(row.Metric)).ToList();
        var cases = test.GroupBy(row => row.Case).ToList();
        return new EvaluationSummary(
            [.. cases[0].Select(row => MetricNames.Display(row.Metric, row.Cutoff))],
            [.. cases.Select(c => new Row(c.Key, [.. c.Select(row => row.Value)]))],
            test[0].Users, Path.Combine(folder, EvaluateStage.ReportFile));
    }
}
