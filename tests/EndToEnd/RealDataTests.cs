namespace LmmRec.EndToEnd;

/// <summary>Runs on real data, where they lie beside the checkout.</summary>
public sealed class RealDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TikTok_trains_and_reports_test_metrics_on_the_given_split()
    {
        var data = Beside.Data("tiktok_diffmm");
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--config", Path.Combine(Beside.Checkout, "examples", "tiktok.json"), "--data", data, "--workspace", "w", "--set", "train.epochs=4"))
            .Expect(0);
        Assert.Contains("vbpr-image_feat+audio_feat-pt-vt-s999", ended.Output, StringComparison.Ordinal);
        Assert.Contains("6125 users of the test split", ended.Output, StringComparison.Ordinal);
        (await Lmmrec.RunAsync(_folder.Path, "verify", "--workspace", "w")).Expect(0);
    }
}
