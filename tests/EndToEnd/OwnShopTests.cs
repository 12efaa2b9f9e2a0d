using System.Text.Json.Nodes;

namespace LmmRec.EndToEnd;

/// <summary>From a shop's own tables to a report, on real photos and titles where they lie beside the checkout. Their purchases are made up.</summary>
public sealed class OwnShopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_example_runs_on_a_thousand_photos_of_which_fourteen_are_not_there()
    {
        FashionShop.Open(_folder);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--config", Path.Combine(Beside.Checkout, "examples", "own-shop.json"), "--set", "train.epochs=2")).Expect(0);
        Assert.Contains("vbpr-clip-small-pt-vt-s999", ended.Output, StringComparison.Ordinal);
        var facts = await FactsAsync("artifacts/own-shop/ingest");
        Assert.Equal(999, (int)facts["items"]!);
        Assert.Equal("""{"none":14,"ok":985}""", facts["pictures"]!.ToJsonString());
    }

    [Fact]
    public async Task Two_files_and_a_folder_of_pictures_become_a_report_in_two_commands()
    {
        FashionShop.Open(_folder);
        var drafted = (await Lmmrec.RunAsync(_folder.Path, "init", "--items", "styles.csv", "--interactions", "purchases.csv", "--images", "images")).Expect(0);
        Assert.Contains("pictures: images/{id}.jpg, the names of 985 files", drafted.Output, StringComparison.Ordinal);
        Assert.Contains("unused: gender, baseColour, season, year, usage", drafted.Output, StringComparison.Ordinal);
        Assert.EndsWith("then: lmmrec run", drafted.Output.TrimEnd(), StringComparison.Ordinal);

        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--set", "train.epochs=1")).Expect(0);
        Assert.DoesNotContain("warning", ended.Error, StringComparison.Ordinal);
        Assert.Contains("report: ", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_there_already_is_never_overwritten()
    {
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), "mine", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder.PathOf("orders.csv"), "user,item\na,1\nb,2\n", TestContext.Current.CancellationToken);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "init", "--interactions", "orders.csv")).Expect(1);
        Assert.Contains("--output pipeline.json: is there already and is never overwritten", ended.Error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder.PathOf("pipeline.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_cannot_be_guessed_is_asked_for_by_flag()
    {
        await File.WriteAllTextAsync(_folder.PathOf("orders.csv"), "a;b\nx;1\ny;2\n", TestContext.Current.CancellationToken);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "init", "--interactions", "orders.csv")).Expect(2);
        Assert.Contains("orders.csv: which column holds the user? Name it by --column interactions.user=NAME; there are: 'a' (x, y), 'b' (1, 2)", ended.Error, StringComparison.Ordinal);
        Assert.Contains("--column interactions.item=NAME", ended.Error, StringComparison.Ordinal);
        (await Lmmrec.RunAsync(_folder.Path, "init", "--interactions", "orders.csv", "--column", "interactions.user=a", "--column", "interactions.item=b")).Expect(0);
        Assert.Contains("\"user\": \"a\", \"item\": \"b\"", await File.ReadAllTextAsync(_folder.PathOf("pipeline.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<JsonNode> FactsAsync(string artifact) =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.PathOf(artifact), "manifest.json"), TestContext.Current.CancellationToken))!["facts"]!;
}
