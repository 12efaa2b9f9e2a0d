using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

/// <summary>The metric by which epoch and setting are chosen, and what is refused before the first training.</summary>
public sealed class ChoosingTests : IDisposable
{
    private readonly SmallShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Where_a_user_ranks_no_more_than_20_candidates_NDCG_chooses_and_history_and_manifest_say_so()
    {
        await _shop.WriteAsync(); // 24 items, of which a user has seen more than 4
        var (folder, notes) = await Train(new JsonArray(100, 0.001));
        var history = await TableFile.ReadAsync<HistoryRow>(TableFile.PathOf<HistoryRow>(folder), Cancellation);
        Assert.Equal(["ndcg@20"], history.Where(row => row.Decides).Select(row => row.Name).Distinct());
        var facts = Manifest.Read(folder).Facts;
        Assert.Equal("ndcg@20", (string)facts["chosenBy"]!);
        Assert.Equal(history.Where(row => row.Decides).Max(row => row.Value), (double)facts["validation"]!, 1e-4);
        Assert.DoesNotContain(notes, note => note.StartsWith("warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_every_user_ranks_more_than_20_candidates_Recall_chooses_as_in_MMRec()
    {
        _shop.Pairs.Clear();
        for (var user = 0; user < SmallShop.Users; user++)
            for (var n = 0; n < 3; n++) _shop.Pairs.Add((user, (user * 5 + n * 7) % SmallShop.Items));
        await _shop.WriteAsync();
        var data = await Dataset.ReadAsync(_shop.PathOf("ingest"), Cancellation);
        Assert.True(data.ValidationItems.UsersWithItems().All(user => SmallShop.Items - data.TrainItems[user].Length > 20));
        Assert.Equal("recall@20", (string)Manifest.Read((await Train(0.01)).Folder).Facts["chosenBy"]!);
    }

    [Fact]
    public async Task A_validation_split_that_tells_nothing_apart_is_warned_of()
    {
        // All that a user could still get is held out: whatever the order, it is right.
        _shop.Pairs.Clear();
        for (var user = 0; user < SmallShop.Users; user++)
            for (var item = 0; item < SmallShop.Items; item++) _shop.Pairs.Add((user, item));
        await _shop.WriteAsync();
        var (_, notes) = await Train(0.01);
        Assert.Contains(notes, note => note.StartsWith("warning: bpr-s999: ndcg@20 on the validation split is 1.0000 in every epoch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slot_that_no_item_fills_is_refused_with_the_encoder_and_what_is_missing()
    {
        Array.Clear(_shop.Textual);
        await _shop.WriteAsync();
        Check(new TrainOptions { Recommenders = ["bpr", "vbpr"], Modalities = ["v"] });
        var error = Assert.Throws<InvalidInputException>(() => Check(new TrainOptions { Recommenders = ["bpr", "vbpr"] }));
        const string Expected = "'features' gives no textual vector: 24 items have no text, 0 could not be encoded; 'vbpr-features-pt-vt-s999' needs them";
        Assert.Contains(Expected, error.Message, StringComparison.Ordinal);

        // An earlier version counted fewer ways to fail.
        var manifest = Path.Combine(_shop.PathOf("features"), Manifest.FileName);
        var facts = JsonNode.Parse(await File.ReadAllTextAsync(manifest, Cancellation))!;
        facts["facts"]!["textual"]!.AsObject().Remove("too-large");
        await File.WriteAllTextAsync(manifest, facts.ToJsonString(), Cancellation);
        error = Assert.Throws<InvalidInputException>(() => Check(new TrainOptions { Recommenders = ["bpr", "vbpr"] }));
        Assert.Contains(Expected, error.Message, StringComparison.Ordinal);

        void Check(TrainOptions options)
        {
            var cases = TrainCase.All(options, [new FeatureSource("features", "pt", _shop.PathOf("features"), true, true)]);
            foreach (var step in TrainStage.Steps(options, cases, _shop.PathOf("ingest"), _shop.PathOf("models"))) step.Check();
        }
    }

    private async Task<(string Folder, IReadOnlyList<string> Notes)> Train(JsonNode reg)
    {
        var step = _shop.Training(new TrainOptions { Recommenders = ["bpr"], Epochs = 4, BatchSize = 32, Options = new JsonObject { ["bpr"] = new JsonObject { ["reg"] = reg } } }, "models");
        var progress = new Silence();
        await SmallShop.RunAsync(step, progress, TimeProvider.System, Cancellation);
        return (step.Folder, progress.Notes);
    }
}
