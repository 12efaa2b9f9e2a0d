namespace LmmRec.Evaluate.Tests;

/// <summary>The page as a browser shows it.</summary>
public sealed class BrowserTests : IDisposable
{
    private readonly Workspace _workspace = new(), _pictured = new() { Name = "pictured", HasPictures = true };

    public void Dispose()
    {
        _workspace.Dispose();
        _pictured.Dispose();
    }

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

    [Theory]
    [InlineData(400, false)]
    [InlineData(1400, true)]
    public async Task So_does_a_page_of_two_data_sets_with_encoders_pictures_and_failures(int width, bool dark)
    {
        await _pictured.IngestAsync(title: "A cup with quite a long title that has to go on in the next line");
        foreach (var encoder in new[] { "clip", "an-encoder-with-quite-a-long-name-that-cannot-be-broken" })
        {
            await _pictured.FeaturizeAsync(encoder, visual: 8, textual: 6);
            await _pictured.TrainAsync($"vbpr-{encoder}", skill: 1, change: facts => (facts["title"], facts["encoder"]) = ("VBPR", encoder));
        }
        await _pictured.EvaluateAsync();
        _workspace.Beside.Add(_pictured.DataSet);
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("bpr", skill: 1, change: facts => facts["stopped"] = "epoch 3: the loss is not finite; the model of epoch 2 was kept");
        await _workspace.TuneAsync("clip-ft", stopped: null);
        await _workspace.FailAsync("tune/clip-ft", _workspace.Upstream["encoders/clip-ft"], "clip: 1 item has a picture and a text");
        await _workspace.EvaluateAsync();
        Assert.Contains("<image ", _workspace.ReportText, StringComparison.Ordinal);
        await using var chromium = await Chromium.OpenAsync(Path.Combine(_workspace.Report, "index.html"), width, dark);
        Assert.Empty(await chromium.OverflowAsync());
        Assert.Empty(await chromium.BarriersAsync());
        Assert.Empty(chromium.Complaints);
    }
}
