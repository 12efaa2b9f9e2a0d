using System.Text.Json.Nodes;

namespace LmmRec.EndToEnd;

/// <summary>Amazon's gift cards of 2018 from the published files to the report, where they lie beside the checkout.</summary>
public sealed class GiftCardsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task They_run_to_the_report_though_no_picture_can_be_had()
    {
        // No name is asked for: a proxy that is not there fails at once, here and on a machine with a network.
        var ended = (await RunAsync("--set", "ingest.proxy=\"http://127.0.0.1:9\"", "--set", "ingest.images.retries=1", "--set", "ingest.images.giveUpSeconds=0")).Expect(0);
        Assert.Contains("vbpr-clip-small-pt-t-s999", ended.Output, StringComparison.Ordinal);
        Assert.Contains("453 users of the test split", ended.Output, StringComparison.Ordinal);

        var facts = JsonNode.Parse(await File.ReadAllTextAsync(_folder.PathOf("w/amazon-2018-Gift_Cards/ingest/manifest.json"), TestContext.Current.CancellationToken))!["facts"]!;
        Assert.Equal(2941, facts["interactions"]!.AsObject().Sum(part => (int)part.Value!));
        Assert.Equal((147, 32), ((int)facts["items"]!, (int)facts["pictures"]!["none"]!));
        Assert.Equal(115, (int)facts["failedShares"]!["picture"]!["failed"]!);
        (await Lmmrec.RunAsync(_folder.Path, "verify", "--workspace", "w")).Expect(0);
    }

    private Task<Ended> RunAsync(params string[] more) => Lmmrec.RunAsync(
        _folder.Path, ["run", "--config", Path.Combine(Beside.Checkout, "examples", "gift-cards.json"), "--data", Beside.Data("amazon2018_gift_cards"), "--workspace", "w", "--set", "train.epochs=4", .. more]);
}
