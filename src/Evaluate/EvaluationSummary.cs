using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate;

/// <summary>The result table of a data set for a terminal: test metrics, one row per case.</summary>
/// <param name="DataSet">its name</param>
/// <param name="Columns">what the values are, such as <c>Recall@10</c></param>
/// <param name="Rows">best first</param>
/// <param name="Users">users that the means go over</param>
public sealed record EvaluationSummary(string DataSet, IReadOnlyList<string> Columns, IReadOnlyList<EvaluationSummary.Row> Rows, int Users)
{
    private static readonly string[] Compared = [.. Enum.GetValues<RankingMetric>().Where(metric => metric.IsCompared()).Select(metric => metric.InTables())];

    /// <param name="Case">name of the case</param>
    /// <param name="Values">means over users, one per column, not rounded</param>
    public sealed record Row(string Case, IReadOnlyList<double> Values);

    /// <summary>Reads it from finished artifacts, so that it can be shown when the stage was skipped as well; null where there is no comparison, or the last attempt at it failed.</summary>
    /// <exception cref="InvalidInputException">A table of metrics is missing or broken.</exception>
    public static async Task<EvaluationSummary?> ReadAsync(EvaluatedDataSet dataSet, CancellationToken cancellation)
    {
        if (!FailedStep.IsUsable(dataSet.Comparison)) return null;
        var cases = new List<List<MetricRow>>();
        foreach (var name in Evaluation.Order(dataSet))
            cases.Add([.. (await TableFile.ReadAsync<MetricRow>(TableFile.PathOf<MetricRow>(dataSet.EvaluationOf(name)), cancellation))
                .Where(row => row is { Split: Splits.Test, Group: MetricGroup.All } && Compared.Contains(row.Metric))]);
        return new EvaluationSummary(dataSet.Name,
            [.. cases[0].Select(row => MetricNames.Display(row.Metric, row.Cutoff))],
            [.. cases.Select(rows => new Row(rows[0].Case, [.. rows.Select(row => row.Value)]))],
            cases[0][0].Users);
    }
}
