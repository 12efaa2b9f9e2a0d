using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

/// <summary>An ingest artifact with the pictures and texts of some items, and a step that reads their pairs.</summary>
internal sealed class CatalogueFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public string Ingest => _folder.PathOf("ingest");

    /// <summary>Where the step keeps its unfinished work.</summary>
    public string Unfinished => Context().Output.Unfinished;

    /// <summary>Writes the artifact; items with equal pictures share a row of the table images, as ingest writes it.</summary>
    /// <param name="items">text ("" for none), file of the picture (null for none) and category of each item</param>
    /// <param name="stored">what the disk makes of a file</param>
    public async Task WriteAsync(IReadOnlyList<(string Text, byte[]? Picture, string? Category)> items, Func<byte[], byte[]>? stored = null)
    {
        var output = new ArtifactWriter(Ingest, new Recipe("ingest", 1, [], []));
        output.Facts["items"] = items.Count;
        var distinct = items.Index().Where(i => i.Item.Picture is not null).DistinctBy(i => Hashing.OfBytes(i.Item.Picture)).ToList();
        var rows = distinct.Select((i, row) => (Hash: Hashing.OfBytes(i.Item.Picture), Row: row)).ToDictionary(i => i.Hash, i => i.Row);
        await output.WriteTableAsync(items.Select((item, i) => new ItemRow(i, $"i{i}", null, null, item.Category is null ? [] : [item.Category, "other"], null, null, item.Text)), _cancellation);
        await output.WriteShardsAsync("images", distinct.Select(i => new ImageRow(i.Index, $"i{i.Index}", "", Hashing.OfBytes(i.Item.Picture), 1, 1, stored?.Invoke(i.Item.Picture!) ?? i.Item.Picture!)).ToAsyncEnumerable(), 3, _cancellation);
        await output.WriteTableAsync(items.Select((item, i) => item.Picture is { } picture
            ? new PictureRow(i, $"i{i}", "", PictureStatus.Ok, 200, null, picture.Length, Hashing.OfBytes(picture), 1, 1, rows[Hashing.OfBytes(picture)])
            : new PictureRow(i, $"i{i}", null, PictureStatus.None, null, null, null, null, null, null, null)), _cancellation);
        await output.CommitAsync(_cancellation);
    }

    public Task<TuningPairs> ReadAsync() => TuningPairs.ReadAsync(Ingest, Context(), _cancellation);

    public void Dispose() => _folder.Dispose();

    private StepContext Context() =>
        new(new ArtifactWriter(_folder.PathOf("tuned"), new Recipe("tune", 1, [], [])), new Silence(), TimeProvider.System, Threads: 2, Device: "cpu");
}
