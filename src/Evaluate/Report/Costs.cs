using LmmRec.Artifacts.Store;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report;

/// <summary>What steps took: from <c>timings.json</c> of their artifacts, which differs from run to run and machine to machine.</summary>
internal sealed class Costs
{
    private readonly Dictionary<string, Timings> _read = [];

    /// <summary>Seconds and peak memory of the step that made an artifact; null where it does not say.</summary>
    public (double? Seconds, long? Megabytes) Of(string? folder)
    {
        if (folder is null) return default;
        if (!_read.TryGetValue(folder, out var timings)) _read[folder] = timings = Timings.Of(folder);
        return (timings.Seconds, (long?)timings.PeakMegabytes);
    }

    /// <summary>Seconds of training, as a mean over seeds, and the largest memory, as cells of a table.</summary>
    public Html Cells(IReadOnlyList<MeasuredCase> seeds)
    {
        var costs = seeds.Select(seed => Of(seed.ModelFolder)).ToList();
        return Html.Of($"""<td class="number cost">{Seconds(costs.Average(cost => cost.Seconds))}</td><td class="number cost">{Megabytes(costs.Max(cost => cost.Megabytes))}</td>""");
    }

    public static Html Seconds(double? seconds) => seconds is null ? Html.Of($"–") : seconds < 100 ? Html.Of($"{seconds:F1} s") : Html.Of($"{seconds / 60:N0} min");

    public static Html Megabytes(long? megabytes) => megabytes is null ? Html.Of($"–") : Html.Of($"{megabytes:N0} MB");
}
