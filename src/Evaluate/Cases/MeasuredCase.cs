using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>A case that was measured, as its artifact says.</summary>
/// <param name="Case">the case</param>
/// <param name="Test">of the test split the metrics by which cases are compared, per user</param>
/// <param name="MetricRows">the means of all metrics</param>
/// <param name="ModelFolder">the model's artifact, which need not be there; null where nothing was trained</param>
/// <param name="EvaluationFolder">the artifact that this was read from</param>
internal sealed record MeasuredCase(CaseDescription Case, UserMetrics Test, IReadOnlyList<MetricRow> MetricRows, string? ModelFolder, string EvaluationFolder)
{
    /// <summary>The mean of a metric over a group of the test split; null where there is no such row.</summary>
    public MetricRow? Mean(string group, string metric, int cutoff) =>
        MetricRows.FirstOrDefault(row => row.Split == Splits.Test && row.Group == group && row.Metric == metric && row.Cutoff == cutoff);

    /// <summary>Reads the artifact of a measured case.</summary>
    /// <param name="folder">the artifact</param>
    /// <param name="cutoffs">the cut-offs that it was measured at</param>
    /// <param name="modelFolder">the model's artifact; null where nothing was trained</param>
    /// <param name="cancellation">stops between row groups</param>
    /// <exception cref="InvalidInputException">A table is missing or broken, or holds other cut-offs.</exception>
    public static async Task<MeasuredCase> ReadAsync(string folder, IReadOnlyList<int> cutoffs, string? modelFolder, CancellationToken cancellation)
    {
        var description = CaseDescription.Of(folder, Manifest.Read(folder));
        var rows = await TableFile.ReadAsync<MetricRow>(TableFile.PathOf<MetricRow>(folder), cancellation);
        return new MeasuredCase(description, await PerUser.ReadAsync(folder, cutoffs, cancellation), rows, modelFolder, folder);
    }
}
