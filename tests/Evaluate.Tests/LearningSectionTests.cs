using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Tests;

public sealed class LearningSectionTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_curve_is_that_of_the_setting_that_was_chosen()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("bpr", skill: 2, change: facts => facts["bestEpoch"] = 2);
        // The values are the same when they are rounded.
        HistoryRow[] history = [Row("reg=1", 0, 0.13291), Row("reg=0.1", 0, 0.1), Row("reg=0.1", 1, 0.12), Row("reg=0.1", 2, 0.13294)];
        TrialRow[] trials = [new("reg=1", 1, 0, 0.13291, 0, Chosen: false), new("reg=0.1", 3, 2, 0.13294, 0, Chosen: true)];
        await TableFile.WriteAsync(TableFile.PathOf<HistoryRow>(_workspace.ModelOf("bpr")), history, cancellation);
        await TableFile.WriteAsync(TableFile.PathOf<TrialRow>(_workspace.ModelOf("bpr")), trials, cancellation);
        await _workspace.EvaluateAsync();

        var page = _workspace.ReportText;
        var start = page.IndexOf("aria-label="Validation by epoch"", StringComparison.Ordinal);
        var plot = page[start..page.IndexOf("</svg>", start, StringComparison.Ordinal)];
        Assert.Equal(2, plot[plot.IndexOf("class="curve"", StringComparison.Ordinal)..].Split('"')[3].Count(c => c == 'L')); // three points
        Assert.Contains("<circle", plot, StringComparison.Ordinal);

        static HistoryRow Row(string setting, int epoch, double value) => new(setting, epoch, "recall@20", value, Decides: true);
    }
}
