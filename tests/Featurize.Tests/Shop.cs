using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using NetVips;

namespace LmmRec.Featurize.Tests;

/// <summary>An ingest artifact of a few items, written by the store itself, and the stage run on it by the real step runner.</summary>
internal sealed class Shop : IDisposable
{
    public const int Items = 40;

    /// <summary>Items without picture, with a file that is no picture, and without text.</summary>
    public const int NoPicture = 3, BadPicture = 7, NoText = 11;

    /// <summary>An item whose picture is that of an item far before it, and one whose picture is the shop's "no picture".</summary>
    public const int Twin = 33, TwinOf = 2, Placeholder = 9;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public string Ingest => _folder.PathOf("ingest");

    public string Features => _folder.PathOf("features");

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes the artifact with the items of <paramref name="items"/>, whose contents depend on the item alone.</summary>
    public async Task IngestAsync(params IReadOnlyList<int> items)
    {
        var output = new ArtifactWriter(Ingest, new Recipe("ingest", 1, [], []));
        await output.WriteTableAsync(items.Select((item, i) => new ItemRow(i, Id(item), null, null, [], null, null, item == NoText ? "" : $"Striped red mug number {item}")), _cancellation);
        await output.WriteShardsAsync("images", ImagesAsync(items), 10, _cancellation);
        await output.WriteTableAsync(Pictures(items), _cancellation);
        var vectors = items.Index().Where(i => i.Item != NoText).Select(i => new MatrixRow(i.Index, Id(i.Item), i.Item == NoPicture ? [0, 0] : [i.Item, 1]));
        await output.WriteTableAsync(vectors, _cancellation, "matrix-audio_feat");
        await output.CommitAsync(_cancellation);
    }

    public async Task<StepOutcome> RunAsync(EncoderOptions encoder, int threads = 2)
    {
        var artifact = FeaturizeStage.Artifacts([encoder], Ingest, Features, [Beside.Checkout]).Single();
        return await new StepRunner(new Silence(), TimeProvider.System, threads, "cpu").RunAsync(artifact.Step, _cancellation);
    }

    /// <summary>The feature store by item id.</summary>
    public async Task<Dictionary<string, FeatureRow>> ReadAsync(string encoder)
    {
        var rows = new Dictionary<string, FeatureRow>();
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(Path.Combine(Features, encoder), cancellation: _cancellation)) rows.Add(row.ItemId, row);
        return rows;
    }

    public static string Id(int item) => $"B{item:D3}";

    private static async IAsyncEnumerable<ImageRow> ImagesAsync(IReadOnlyList<int> items)
    {
        await Task.Yield();
        foreach (var item in Stored(items))
            yield return new ImageRow(items.ToList().IndexOf(item), Id(item), "", Hashing.OfBytes(File(item)), 70, 50, File(item));
    }

    private static IEnumerable<PictureRow> Pictures(IReadOnlyList<int> items) => items.Select((item, i) => item == NoPicture
        ? new PictureRow(i, Id(item), null, PictureStatus.None, null, null, null, null, null, null, null)
        : new PictureRow(i, Id(item), "", item == Placeholder ? PictureStatus.Placeholder : PictureStatus.Ok, 200, null, 0, Hashing.OfBytes(File(item)), 70, 50, Stored(items).IndexOf(item == Twin ? TwinOf : item)));

    // Equal pictures are stored once, with the first item.
    private static List<int> Stored(IReadOnlyList<int> items) => [.. items.Where(item => item is not (NoPicture or Twin))];

    private static byte[] File(int item) => item == BadPicture ? "no picture"u8.ToArray() : Picture(item == Twin ? TwinOf : item);

    private static byte[] Picture(int item)
    {
        var pixels = Enumerable.Range(0, 70 * 50 * 3).Select(i => (byte)((i * (item + 3) + i / 210 * item) % 256)).ToArray();
        using var image = Image.NewFromMemory(pixels, 70, 50, 3, Enums.BandFormat.Uchar);
        return image.JpegsaveBuffer();
    }
}
