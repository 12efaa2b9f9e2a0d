using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize.Tests;

public sealed class RefreshTests
{
    private static readonly EncoderOptions Clip = new() { Name = "clip-small", Card = "onnx-models/clip-small" };

    private static readonly int[] All = [.. Enumerable.Range(0, Shop.Items)];

    // Vectors of a shop of all items: each but the one without picture, the twin, the shop's "no picture"; each but the one without text.
    private const int Pictures = Shop.Items - 3, Texts = Shop.Items - 1;

    [Fact]
    public async Task Only_what_changed_is_encoded_and_the_bytes_are_those_of_a_full_run()
    {
        int[] later = [50, .. All.Except([4, 20]).Reverse()]; // one is new, two are gone, and all have other places
        using var nightly = new Shop();
        await nightly.IngestAsync(All);
        await nightly.RunAsync(Clip);
        Assert.Equal((Pictures + Texts, 0), nightly.WorkOf(Clip.Name));
        nightly.Changed.UnionWith([5, 6]);
        await nightly.IngestAsync(later);
        await nightly.RunAsync(Clip);

        using var full = new Shop();
        full.Changed.UnionWith([5, 6]);
        await full.IngestAsync(later);
        await full.RunAsync(Clip);
        Assert.Equal(full.BytesOf(Clip.Name), nightly.BytesOf(Clip.Name));
        Assert.Equal((2 * 3, Pictures + Texts - 2 * 4 - 1), nightly.WorkOf(Clip.Name)); // that a file is no picture is known and counts for none
        Assert.Equal((Pictures + Texts - 2, 0), full.WorkOf(Clip.Name));
    }

    [Fact]
    public async Task Equal_pictures_and_equal_texts_are_encoded_once()
    {
        using var shop = new Shop();
        await shop.IngestAsync([Shop.TwinOf, Shop.Twin, 0, 0]);
        await shop.RunAsync(Clip);
        Assert.Equal((2 + 3, 0), shop.WorkOf(Clip.Name));
    }

    [Fact]
    public async Task Nothing_is_copied_from_another_encoders_store()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        await shop.RunAsync(shop.CardWithSeed(1));
        var before = await shop.ReadAsync("own");
        await shop.RunAsync(shop.CardWithSeed(2));
        Assert.Equal((Pictures + Texts, 0), shop.WorkOf("own"));
        Assert.DoesNotContain((await shop.ReadAsync("own")).Values, row => row.Visual is not null && row.Visual.SequenceEqual(before[row.ItemId].Visual!));
    }

    [Theory]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 0")]
    [InlineData("\"onnxruntime\": \"", "\"onnxruntime\": \"9")]
    [InlineData("\"instructions\": \"", "\"instructions\": \"other-")]
    public async Task Nothing_is_copied_from_a_store_of_another_schema_ONNX_Runtime_or_processor(string from, string to)
    {
        using var shop = new Shop();
        await shop.IngestAsync(0, 1, 2);
        await shop.RunAsync(Clip);
        await shop.ChangeManifestAsync(Clip.Name, from, to);
        await shop.IngestAsync(0, 1);
        await shop.RunAsync(Clip);
        Assert.Equal((4, 0), shop.WorkOf(Clip.Name));
    }

    [Fact]
    public async Task A_run_goes_on_with_what_an_interrupted_one_encoded_of_the_catalogue_of_that_time()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        var step = shop.ArtifactOf(Clip).Step;
        await Assert.ThrowsAsync<OperationCanceledException>(() => shop.RunAsync(step, progress: new Watch(endsAt: "write vectors")));
        shop.Changed.UnionWith([5, 6]);
        await shop.IngestAsync(All);
        var watch = new Watch();
        await shop.RunAsync(shop.ArtifactOf(Clip).Step, progress: watch);
        Assert.Contains(watch.Notes, note => note.Contains($"goes on after {Pictures + Texts} vectors", StringComparison.Ordinal));
        Assert.Equal(4, watch.Totals["encode pictures and texts with clip-small"]);
        Assert.Equal([Path.Combine(shop.Features, Clip.Name)], Directory.EnumerateDirectories(shop.Features));
    }

    [Fact]
    public async Task What_an_interrupted_run_encoded_outlives_a_run_on_the_former_catalogue_that_has_nothing_to_do()
    {
        using var shop = new Shop();
        await shop.IngestAsync(0, 1);
        await shop.RunAsync(Clip);
        await shop.IngestAsync(All);
        await Assert.ThrowsAsync<OperationCanceledException>(() => shop.RunAsync(shop.ArtifactOf(Clip).Step, progress: new Watch(endsAt: "write vectors")));
        await shop.IngestAsync(0, 1);
        Assert.False((await shop.RunAsync(Clip)).Ran);
        await shop.IngestAsync(All);
        var watch = new Watch();
        await shop.RunAsync(shop.ArtifactOf(Clip).Step, progress: watch);
        Assert.DoesNotContain("encode pictures and texts with clip-small", watch.Totals.Keys);
    }

    [Fact]
    public async Task A_run_by_another_encoder_begins_anew_after_an_interrupted_one()
    {
        using var shop = new Shop();
        await shop.IngestAsync(0, 1);
        var step = shop.ArtifactOf(shop.CardWithSeed(1)).Step;
        await Assert.ThrowsAsync<OperationCanceledException>(() => shop.RunAsync(step, progress: new Watch(endsAt: "write vectors")));
        var watch = new Watch();
        await shop.RunAsync(shop.ArtifactOf(shop.CardWithSeed(2)).Step, progress: watch);
        Assert.Equal(4, watch.Totals["encode pictures and texts with own"]);
        Assert.Equal([Path.Combine(shop.Features, "own")], Directory.EnumerateDirectories(shop.Features)); // what the other had made is gone
    }

    [Fact]
    public async Task What_was_encoded_is_kept_for_the_encoder_the_ONNX_Runtime_and_the_processor_whatever_the_items()
    {
        using var shop = new Shop();
        await shop.IngestAsync(0, 1);
        await shop.RunAsync(Clip);
        var recipe = Manifest.Read(Path.Combine(shop.Features, Clip.Name)).Recipe;
        var kept = FinishedStores.MakerOf(recipe, FinishedStores.Runtime);
        Assert.Equal(kept, FinishedStores.MakerOf(recipe with { Step = "part", Inputs = new(recipe.Inputs) { ["ingest"] = "other" } }, FinishedStores.Runtime));
        Assert.NotEqual(kept, FinishedStores.MakerOf(recipe with { Inputs = new(recipe.Inputs) { ["card/card.json"] = "other" } }, FinishedStores.Runtime));
        Assert.All(["onnxruntime", "instructions"], key =>
            Assert.NotEqual(kept, FinishedStores.MakerOf(recipe, new Dictionary<string, string>(FinishedStores.Runtime) { [key] = "other" })));
    }

    [Fact]
    public async Task What_a_damaged_store_held_is_encoded_again()
    {
        using var shop = new Shop();
        await shop.IngestAsync(All);
        await shop.RunAsync(Clip);
        var bytes = shop.BytesOf(Clip.Name);
        var file = Path.Combine(shop.Features, Clip.Name, "features-00000.parquet");
        var content = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        content[content.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        await shop.IngestAsync([.. All.Except([0])]);
        await shop.RunAsync(Clip);
        Assert.Equal((Pictures + Texts - 2, 0), shop.WorkOf(Clip.Name));
        await shop.IngestAsync(All);
        await shop.RunAsync(Clip);
        Assert.Equal(bytes, shop.BytesOf(Clip.Name));
    }

    [Fact]
    public async Task Each_of_the_files_that_decoders_trip_over_gives_a_vector_or_the_reason_why_not()
    {
        var folder = Beside.Data("hostile_images_pillow");
        using var shop = new Shop();
        await shop.IngestFilesAsync([
            .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => (Path.GetRelativePath(folder, file), File.ReadAllBytes(file))),
            ("huge", Shop.Picture(9_000, 6_000)),
        ]);
        await shop.RunAsync(Clip);
        var rows = await shop.ReadAsync(Clip.Name);
        Assert.Equal(FeatureStatus.TooLarge, rows["huge"].VisualStatus);
        Assert.All(rows.Values, row => Assert.Equal(row.VisualStatus == FeatureStatus.Ok, row.Visual is not null));
        Assert.All(rows.Values, row => Assert.True(row.VisualStatus is FeatureStatus.Ok or FeatureStatus.TooLarge || row.VisualStatus.StartsWith("undecodable: ", StringComparison.Ordinal), row.VisualStatus));
        Assert.True(rows.Values.Count(row => row.Visual is not null) > rows.Count / 4 && rows.Values.Any(row => row.VisualStatus.StartsWith("undecodable: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_picture_whose_bytes_are_not_those_of_its_hash_is_never_encoded()
    {
        using var shop = new Shop();
        await shop.IngestFilesAsync([("a", Shop.Picture(64, 64))], stored: file => [.. file, 0]);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => shop.RunAsync(Clip));
        Assert.Contains("row 0 of the table 'images', the picture of item 'a', is damaged; run 'lmmrec verify', then 'lmmrec ingest'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_without_text_picture_or_both_have_rows_that_say_so()
    {
        using var shop = new Shop();
        await shop.IngestAsync([Shop.NoPicture, Shop.NoText, Shop.Nothing]);
        await shop.RunAsync(Clip);
        var rows = await shop.ReadAsync(Clip.Name);
        Assert.Equal([(FeatureStatus.Missing, FeatureStatus.Ok), (FeatureStatus.Ok, FeatureStatus.Missing), (FeatureStatus.Missing, FeatureStatus.Missing)],
            rows.Values.OrderBy(row => row.Item).Select(row => (row.VisualStatus, row.TextualStatus)));
        Assert.All(rows.Values, row => Assert.Equal((row.Visual is null, row.Textual is null), (row.PictureSha256 is null, row.TextSha256 is null)));
    }

    /// <summary>Keeps notes and totals; the task whose name begins with <paramref name="endsAt"/> is where the run is interrupted.</summary>
    private sealed class Watch(string? endsAt = null) : IProgressSink
    {
        public List<string> Notes { get; } = [];

        public Dictionary<string, long?> Totals { get; } = [];

        public IProgressTask Start(string what, long? total)
        {
            if (endsAt is not null && what.StartsWith(endsAt, StringComparison.Ordinal)) throw new OperationCanceledException();
            Totals[what] = total;
            return new Silence();
        }

        public void Note(string line) => Notes.Add(line);
    }
}
