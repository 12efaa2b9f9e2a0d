using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

/// <summary>Items without a vector in a modality that a case uses.</summary>
public sealed class MissingItemsTests : IDisposable
{
    private readonly SmallShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Theory]
    [InlineData("vbpr")]
    [InlineData("lattice")] // would find neighbours among them
    [InlineData("mmgcl")] // would draw their edges
    [InlineData("bm3")] // would regularise their rows
    public async Task Dropping_items_trains_what_a_shop_that_never_had_them_trains(string recommender)
    {
        (_shop.Visual[3], _shop.Textual[7]) = (null, null);
        await _shop.WriteAsync();
        await _shop.WriteAsync("less-", without: [3, 7]);
        var dropped = await Train(recommender, "vt", MissingPolicy.Drop);
        var never = await Train(recommender, "vt", MissingPolicy.Mean, "less-");

        var items = await TableFile.ReadAsync<ItemVectorRow>(TableFile.PathOf<ItemVectorRow>(dropped), Cancellation);
        Assert.Equal(Enumerable.Range(0, SmallShop.Items).Where(i => i is not (3 or 7)), items.Select(row => row.Item));
        Assert.All(items, row => Assert.Equal($"i{row.Item}", row.ItemId));
        var expected = await TableFile.ReadAsync<ItemVectorRow>(TableFile.PathOf<ItemVectorRow>(never), Cancellation);
        Assert.Equal(expected.Select(row => row.ItemId), items.Select(row => row.ItemId));
        Assert.Equal(expected.SelectMany(row => row.Vector), items.SelectMany(row => row.Vector));
        Assert.Equal(await Users(never), await Users(dropped));
    }

    [Fact]
    public async Task The_manifest_says_how_many_items_had_no_vector_and_how_many_were_dropped()
    {
        (_shop.Visual[3], _shop.Visual[4], _shop.Textual[4]) = (null, null, null);
        await _shop.WriteAsync();
        Assert.Equal((2, 1, 2), Counts(await Train("vbpr", "vt", MissingPolicy.Drop)));
        Assert.Equal((null, 1, 1), Counts(await Train("vbpr", "t", MissingPolicy.Drop)));
        Assert.Equal((2, 1, 0), Counts(await Train("vbpr", "vt", MissingPolicy.Zero)));

        static (int?, int?, int?) Counts(string model)
        {
            var facts = Manifest.Read(model).Facts;
            return ((int?)facts["itemsWithoutVisual"], (int?)facts["itemsWithoutTextual"], (int?)facts["itemsDropped"]);
        }
    }

    [Fact]
    public async Task A_dropped_item_stays_held_out_and_is_neither_positive_nor_negative()
    {
        const int Dropped = 16;
        _shop.Visual[Dropped] = null;
        await _shop.WriteAsync();
        var data = await CaseData.ReadAsync(_shop.PathOf("ingest"), _shop.PathOf("features"), null, MissingPolicy.Drop, Cancellation);
        var (train, validation) = (_shop.Pairs.Where((_, n) => !SmallShop.IsHeldOut(n)).ToList(), _shop.Pairs.Where((_, n) => SmallShop.IsHeldOut(n)).ToList());
        Assert.Contains(validation, pair => pair.Item == Dropped);
        Assert.Equal(validation.Count, data.Interactions.ValidationItems.Count);
        Assert.Equal(validation.Count(pair => pair.Item == Dropped), data.Interactions.ValidationItems.Pairs().Count(pair => pair.Item == SmallShop.Items - 1));
        Assert.Equal(
            train.Where(pair => pair.Item != Dropped),
            data.Interactions.Positives.Select(pair => (pair.User, Item: data.Items[pair.Item])));
        Assert.DoesNotContain(Dropped, data.Interactions.Candidates.Select(item => data.Items[item]));
    }

    [Fact]
    public void Dropping_leaves_the_other_rows_of_the_training_table_as_they_are()
    {
        Interaction[] train = [new(1, 3), new(0, 1), new(0, 2), new(1, 3), new(0, 0), new(1, 0)];
        var data = Dataset.From(["u0", "u1"], ["i0", "i1", "i2", "i3"], train, []).Keeping([true, false, true, true]);
        Assert.Equal(["i0", "i2", "i3"], data.ItemIds);
        Assert.Equal([new(1, 2), new(0, 1), new(1, 2), new(0, 0), new(1, 0)], data.Positives);
    }

    [Fact]
    public async Task A_policy_that_drops_every_item_is_refused_with_what_else_there_is()
    {
        for (var item = 0; item < SmallShop.Items; item++) (item % 2 == 0 ? _shop.Visual : _shop.Textual)[item] = null;
        await _shop.WriteAsync();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Train("vbpr", "vt", MissingPolicy.Drop));
        Assert.Contains("train.missing: drop leaves 0 of 24 items", error.Message, StringComparison.Ordinal);
        Assert.Contains("mean or zero", error.Message, StringComparison.Ordinal);
    }

    private async Task<string> Train(string recommender, string modalities, MissingPolicy missing, string shop = "")
    {
        var step = _shop.Training(
            new TrainOptions { Recommenders = [recommender], Modalities = [modalities], Missing = missing, Epochs = 3, EvaluateEvery = 3, BatchSize = 32 },
            $"{shop}{recommender}-{modalities}-{missing}", shop);
        await SmallShop.RunAsync(step);
        return step.Folder;
    }

    private static async Task<IEnumerable<float>> Users(string model) =>
        (await TableFile.ReadAsync<UserVectorRow>(TableFile.PathOf<UserVectorRow>(model), Cancellation)).SelectMany(row => row.Vector);
}
