using LmmRec.Artifacts.Tables;

namespace LmmRec.EndToEnd;

/// <summary>Vectors go out and come in again.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Vectors_that_were_exported_come_in_again_by_file_and_those_that_were_missing_are_missing_again()
    {
        (await Lmmrec.RunAsync(_folder.Path, "ingest")).Expect(0);
        (await Lmmrec.RunAsync(_folder.Path, "featurize")).Expect(0);
        var exported = (await Lmmrec.RunAsync(_folder.Path, "export", "features", "clip-small", "--as", "npy", "--out", "npy")).Expect(0);
        var before = await StoreAsync("artifacts/sample/features/clip-small");
        var pictures = before.Count(row => row.Visual is not null);
        Assert.InRange(pictures, 1, before.Count - 1); // the sample has items without a picture
        Assert.Contains($"wrote {Path.Combine("npy", "visual.npy")}: {pictures} items × {before.First(row => row.Visual is not null).Visual!.Length}", exported.Output, StringComparison.Ordinal);

        // The same items as a shop of its own, known by their ids alone.
        await File.WriteAllLinesAsync(_folder.PathOf("orders.csv"), ["user,item", .. before.SelectMany(row => new[] { $"a,{row.ItemId}", $"b,{row.ItemId}" })], _cancellation);
        await File.WriteAllTextAsync(_folder.PathOf("shop.json"), """
            {
              "dataset": { "source": "table", "name": "shop", "interactions": { "files": "orders.csv", "columns": { "user": "user", "item": "item" } } },
              "ingest": { "core": 1 },
              "encoders": [{ "name": "pictures", "slot": "visual", "file": "npy/visual.npy" }, { "name": "texts", "slot": "textual", "file": "npy/textual.npy" }]
            }
            """, _cancellation);
        var ingested = (await Lmmrec.RunAsync(_folder.Path, "ingest", "--config", "shop.json")).Expect(0);
        Assert.Contains($"matrix pictures: {pictures} of {before.Count} items have a vector", ingested.Error, StringComparison.Ordinal);
        (await Lmmrec.RunAsync(_folder.Path, "featurize", "--config", "shop.json")).Expect(0);

        var visual = (await StoreAsync("artifacts/shop/features/pictures")).ToDictionary(row => row.ItemId);
        var textual = (await StoreAsync("artifacts/shop/features/texts")).ToDictionary(row => row.ItemId);
        Assert.All(before, row => Assert.Equal(row.Visual, visual[row.ItemId].Visual));
        Assert.All(before, row => Assert.Equal(row.Textual, textual[row.ItemId].Textual));
        Assert.All(before.Where(row => row.Visual is null), row => Assert.Equal(FeatureStatus.Missing, visual[row.ItemId].VisualStatus));
    }

    [Fact]
    public async Task A_store_that_is_not_there_and_a_folder_that_is_are_refused_and_nothing_is_written()
    {
        var early = (await Lmmrec.RunAsync(_folder.Path, "export", "features", "clip-small")).Expect(1);
        Assert.Contains("there is no feature store; run 'lmmrec featurize' first", early.Error, StringComparison.Ordinal);
        var form = (await Lmmrec.RunAsync(_folder.Path, "export", "features", "clip-small", "--as", "csv")).Expect(2);
        Assert.Contains("--as csv: unknown format; allowed: npy", form.Error, StringComparison.Ordinal);
        var encoder = (await Lmmrec.RunAsync(_folder.Path, "export", "features", "clip")).Expect(1);
        Assert.Contains("the configuration has no encoder 'clip'; it has: clip-small", encoder.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private async Task<List<FeatureRow>> StoreAsync(string folder)
    {
        var rows = new List<FeatureRow>();
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(_folder.PathOf(folder), cancellation: _cancellation)) rows.Add(row);
        return rows;
    }
}
