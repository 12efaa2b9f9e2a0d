using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;

namespace LmmRec.Featurize.Tests;

public sealed class PrecisionTests
{
    private static readonly EncoderOptions Full = new() { Name = "clip", Card = "onnx-models/clip-small" };
    private static readonly EncoderOptions Rounded = new() { Name = "clip-8", Card = "onnx-models/clip-small", Precision = Precision.EightBit };

    private static readonly int[] All = [.. Enumerable.Range(0, Shop.Items)];

    [Fact]
    public async Task A_store_in_8_bits_says_how_close_a_sample_of_it_is_to_the_full_vectors()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        await shop.RunAsync(Full);
        await shop.RunAsync(Rounded);
        var (full, rounded) = (await shop.ReadAsync(Full.Name), await shop.ReadAsync(Rounded.Name));
        var cosines = full.Values.Where(row => row.Visual is not null).DistinctBy(row => row.PictureSha256).ToDictionary(row => row.PictureSha256!, row => Cosine(row.Visual!, rounded[row.ItemId].Visual!));
        Assert.All(cosines.Values, cosine => Assert.InRange(cosine, 0.95, 0.999999));

        var sample = full.Values.Where(row => row.PictureSha256 is not null).Select(row => row.PictureSha256!).Distinct().Order(StringComparer.Ordinal).Take(32).Where(cosines.ContainsKey).ToList();
        var facts = FactsOf(shop, Rounded.Name)["cosineToFull"]!;
        var sorted = sample.Select(picture => cosines[picture]).Order().ToList();
        Assert.Equal(sorted[0], (double)facts["visual"]!["lowest"]!, 5);
        Assert.Equal(sorted[sorted.Count / 2], (double)facts["visual"]!["median"]!, 5);
        Assert.Equal((sample.Count, 32), ((int)facts["visual"]!["sample"]!, (int)facts["textual"]!["sample"]!));
        Assert.Null(FactsOf(shop, Full.Name)["cosineToFull"]);
    }

    [Fact]
    public async Task A_store_in_16_bits_is_within_a_thousandth_of_the_full_vectors_and_says_so()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        await shop.RunAsync(Full with { Name = "clip-16", Precision = Precision.Half });
        var facts = FactsOf(shop, "clip-16")["cosineToFull"]!;
        foreach (var modality in new[] { "visual", "textual" }) Assert.InRange((double)facts[modality]!["lowest"]!, 0.999, 1);
        Assert.True((await shop.RunAsync(Full with { Name = "clip-16" })).Ran); // other vectors of the same name
    }

    [Fact]
    public async Task A_store_in_8_bits_that_is_brought_up_to_date_has_the_bytes_of_a_full_run()
    {
        using var nightly = new Shop();
        await nightly.IngestAsync(All);
        await nightly.RunAsync(Rounded);
        nightly.Changed.UnionWith([5, 6]);
        await nightly.IngestAsync(All);
        await nightly.RunAsync(Rounded);
        Assert.Equal(4, nightly.WorkOf(Rounded.Name).Encoded);
        using var full = new Shop();
        full.Changed.UnionWith([5, 6]);
        await full.IngestAsync(All);
        await full.RunAsync(Rounded);
        Assert.Equal(full.BytesOf(Rounded.Name), nightly.BytesOf(Rounded.Name));
    }

    [Fact]
    public async Task Weights_that_were_imported_in_full_are_rounded_to_the_same_vectors_as_those_that_are_drawn()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All[..16]);
        await shop.RunAsync(Rounded);
        var drawn = await shop.ReadAsync(Rounded.Name);
        EncoderModels.Init(Path.Combine(Beside.Checkout, "onnx-models", "clip-small"), 7, shop.PathOf("imported"));
        await shop.RunAsync(Rounded with { Name = "imported-8", Card = "imported" });
        Assert.All((await shop.ReadAsync("imported-8")).Values, row =>
        {
            Assert.Equal(drawn[row.ItemId].Visual, row.Visual);
            Assert.Equal(drawn[row.ItemId].Textual, row.Textual);
        });
    }

    [Fact]
    public void What_a_card_holds_in_8_bits_is_not_available_in_more()
    {
        using var shop = new Shop();
        shop.CardWithSeed(1);
        var card = Path.Combine(shop.PathOf("own"), "card.json");
        File.WriteAllText(card, File.ReadAllText(card).Replace("\"feature\"", "\"precision\": \"eight-bit\", \"feature\"", StringComparison.Ordinal));
        foreach (var (precision, name) in new[] { (Precision.Full, "full"), (Precision.Half, "half") })
            Assert.Contains($"precision \"{name}\" is not available, since the card's is eight-bit", Assert.Throws<ConfigurationException>(() => shop.ArtifactOf(Full with { Card = "own", Precision = precision })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_ask_for_the_precision_that_the_card_has_changes_nothing()
    {
        using var shop = new Shop();
        await shop.IngestAsync(0, 1);
        await shop.RunAsync(Full);
        Assert.False((await shop.RunAsync(Full with { Precision = Precision.Full })).Ran);
    }

    private static JsonObject FactsOf(Shop shop, string encoder) => Manifest.Read(Path.Combine(shop.Features, encoder)).Facts;

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y));
}
