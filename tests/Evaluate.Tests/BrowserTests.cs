namespace LmmRec.Evaluate.Tests;

/// <summary>The page as a browser shows it.</summary>
public sealed class BrowserTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(400, false)]
    [InlineData(400, true)]
    [InlineData(1400, false)]
    [InlineData(1400, true)]
    public async Task The_page_fits_the_window_has_no_barriers_and_leaves_nothing_on_the_console(int width, bool dark)
    {
        await _workspace.IngestAsync();
        foreach (var i in Enumerable.Range(0, 7)) await _workspace.TrainAsync($"a-case-with-quite-a-long-name-that-cannot-be-broken-{i}", skill: 0.2 * i);
        await _workspace.EvaluateAsync();
        await using var chromium = await Chromium.OpenAsync(Path.Combine(_workspace.Report, "index.html"), width, dark);
        Assert.Empty(await chromium.OverflowAsync());
        Assert.Empty(await chromium.BarriersAsync());
        Assert.Empty(chromium.Complaints);
    }
}
