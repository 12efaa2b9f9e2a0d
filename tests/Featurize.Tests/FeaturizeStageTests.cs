using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;

namespace LmmRec.Featurize.Tests;

public sealed class FeaturizeStageTests
{
    private static readonly EncoderOptions Clip = new() { Name = "clip-small", Card = "onnx-models/clip-small" };
    private static readonly EncoderOptions Audio = new() { Name = "audio_feat", Slot = Slot.Textual };

    private static readonly int[] All = [.. Enumerable.Range(0, Shop.Items)];

    [Fact]
    public async Task Every_item_has_a_row_with_a_vector_or_the_reason_why_not()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        await shop.RunAsync(Clip);
        var rows = await shop.ReadAsync(Clip.Name);

        Assert.Equal(Shop.Items, rows.Count);
        Assert.Equal((FeatureStatus.Missing, null), (rows[Shop.Id(Shop.NoPicture)].VisualStatus, rows[Shop.Id(Shop.NoPicture)].Visual));
        Assert.StartsWith("undecodable: is no JPEG", rows[Shop.Id(Shop.BadPicture)].VisualStatus);
        Assert.Equal((FeatureStatus.Missing, null), (rows[Shop.Id(Shop.NoText)].TextualStatus, rows[Shop.Id(Shop.NoText)].Textual));
        Assert.All(rows.Values.Where(r => r.VisualStatus == FeatureStatus.Ok), r => Assert.Equal(64, r.Visual!.Length));
        Assert.Equal((Shop.Items - 3, Shop.Items - 1), (rows.Values.Count(r => r.Visual is not null), rows.Values.Count(r => r.Textual is not null)));

        var facts = Manifest.Read(Path.Combine(shop.Features, Clip.Name)).Facts;
        Assert.Equal("""{"ok":37,"missing":2,"undecodable":1,"too-large":0}""", facts["visual"]!.ToJsonString());
        Assert.Equal("""{"ok":39,"missing":1,"undecodable":0,"too-large":0}""", facts["textual"]!.ToJsonString());
        Assert.Equal(EncoderModels.Inspect(Path.Combine(Beside.Checkout, Clip.Card!)).Parameters.Sum(p => p.Shape.Aggregate(1L, (n, d) => n * d)), (long)facts["parameters"]!);
    }

    [Fact]
    public async Task A_picture_that_items_share_counts_for_each_and_the_shops_no_picture_for_none()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        await shop.RunAsync(Clip);
        var rows = await shop.ReadAsync(Clip.Name);
        Assert.Equal(rows[Shop.Id(Shop.TwinOf)].Visual, rows[Shop.Id(Shop.Twin)].Visual);
        Assert.Equal(36, rows.Values.Select(r => r.Visual).OfType<float[]>().Select(v => string.Join(' ', v)).Distinct().Count());
        Assert.Equal(FeatureStatus.Missing, rows[Shop.Id(Shop.Placeholder)].VisualStatus);
    }

    [Fact]
    public async Task A_vector_is_the_same_bytes_whatever_items_come_with_it()
    {
        using var whole = new Shop();
        using var part = new Shop();
        await whole.IngestAsync(All);
        await part.IngestAsync([39, 5, 20, 0]);
        await whole.RunAsync(Clip, threads: 2);
        await part.RunAsync(Clip, threads: 1);
        var expected = await whole.ReadAsync(Clip.Name);
        foreach (var (id, row) in await part.ReadAsync(Clip.Name))
        {
            Assert.Equal(expected[id].Visual, row.Visual);
            Assert.Equal(expected[id].Textual, row.Textual);
        }
    }

    [Fact]
    public async Task The_same_items_give_the_same_artifact_and_are_not_encoded_again()
    {
        using var one = new Shop();
        using var two = new Shop();
        await one.IngestAsync(All);
        await two.IngestAsync(All);
        Assert.True((await one.RunAsync(Clip)).Ran);
        await two.RunAsync(Clip);
        Assert.Equal(Manifest.Read(Path.Combine(one.Features, Clip.Name)).Content, Manifest.Read(Path.Combine(two.Features, Clip.Name)).Content);
        Assert.False((await one.RunAsync(Clip)).Ran);
    }

    [Fact]
    public async Task Too_many_failures_are_said_and_the_artifact_is_there_all_the_same()
    {
        using var shop = new Shop();
        await shop.IngestAsync([Shop.BadPicture, 0, 1]);
        var outcome = await shop.RunAsync(Clip);
        Assert.StartsWith("1 of 3 pictures could not be encoded, more than the allowed share 0.05; the reasons are in the features' status columns", outcome.TooManyFailed, StringComparison.Ordinal);
        Assert.Equal(3, (await shop.ReadAsync(Clip.Name)).Count);
        Assert.Null((await shop.RunAsync(Clip with { MaxFailedShare = 0.5 })).TooManyFailed);
    }

    [Fact]
    public async Task A_matrix_that_the_user_brought_fills_its_slot_and_items_without_a_row_or_with_zeros_are_missing()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        await shop.RunAsync(Audio);
        var rows = await shop.ReadAsync(Audio.Name);
        Assert.Equal([5f, 1f], rows[Shop.Id(5)].Textual!);
        Assert.All([Shop.NoPicture, Shop.NoText], item => Assert.Equal((FeatureStatus.Missing, null), (rows[Shop.Id(item)].TextualStatus, rows[Shop.Id(item)].Textual)));
        Assert.Equal(Shop.Items, rows.Count);
        Assert.All(rows.Values, r => Assert.Equal((FeatureStatus.None, null), (r.VisualStatus, r.Visual)));
    }

    [Fact]
    public async Task A_matrix_that_is_not_there_is_named_beside_those_that_are()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => shop.RunAsync(new EncoderOptions { Name = "image_feat", Slot = Slot.Visual }));
        Assert.Contains("no matrix image_feat; it holds audio_feat; if the encoder is new, run 'lmmrec ingest' again", error.Message);
    }
}
