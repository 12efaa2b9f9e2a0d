using System.Text.Json.Nodes;
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

    /// <summary>An item with neither; it is not among the first ones.</summary>
    public const int Nothing = 1000;

    /// <summary>An item whose picture is that of an item far before it, and one whose picture is the shop's "no picture".</summary>
    public const int Twin = 33, TwinOf = 2, Placeholder = 9;

    /// <summary>Items whose text and picture have changed.</summary>
    public HashSet<int> Changed { get; } = [];

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public string PathOf(string name) => _folder.PathOf(name);

    public string Ingest => _folder.PathOf("ingest");

    public string Features => _folder.PathOf("features");

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes the artifact with the items of <paramref name="items"/>, whose contents depend on the item alone.</summary>
    public async Task IngestAsync(params IReadOnlyList<int> items)
    {
        var output = new ArtifactWriter(Ingest, new Recipe("ingest", 1, [], []));
        await output.WriteTableAsync(items.Select((item, i) => new ItemRow(i, Id(item), null, null, [], null, null, Text(item))), _cancellation);
        await output.WriteShardsAsync("images", ImagesAsync(items), 10, _cancellation);
        await output.WriteTableAsync(Pictures(items), _cancellation);
        var vectors = items.Index().Where(i => i.Item != NoText).Select(i => new MatrixRow(i.Index, Id(i.Item), i.Item == NoPicture ? [0, 0] : [i.Item, 1]));
        await output.WriteTableAsync(vectors, _cancellation, "matrix-audio_feat");
        await output.CommitAsync(_cancellation);
    }

    /// <summary>Writes the artifact with an item for each of <paramref name="files"/>, whatever that is, as its picture; <paramref name="stored"/> is what the disk makes of it.</summary>
    public async Task IngestFilesAsync(IReadOnlyList<(string Id, byte[] Bytes)> files, Func<byte[], byte[]>? stored = null)
    {
        var output = new ArtifactWriter(Ingest, new Recipe("ingest", 1, [], []));
        await output.WriteTableAsync(files.Select((file, i) => new ItemRow(i, file.Id, null, null, [], null, null, file.Id)), _cancellation);
        await output.WriteShardsAsync("images", files.Select((file, i) => new ImageRow(i, file.Id, "", Hashing.OfBytes(file.Bytes), 1, 1, stored?.Invoke(file.Bytes) ?? file.Bytes)).ToAsyncEnumerable(), 100, _cancellation);
        await output.WriteTableAsync(files.Select((file, i) => new PictureRow(i, file.Id, "", PictureStatus.Ok, 200, null, file.Bytes.Length, Hashing.OfBytes(file.Bytes), 1, 1, i)), _cancellation);
        await output.CommitAsync(_cancellation);
    }

    public Task<StepOutcome> RunAsync(EncoderOptions encoder, int threads = 2) => RunAsync(ArtifactOf(encoder).Step, threads);

    public async Task<StepOutcome> RunAsync(Step step, int threads = 2, IProgressSink? progress = null) =>
        await new StepRunner(progress ?? new Silence(), TimeProvider.System, threads, "cpu").RunAsync(step, _cancellation);

    public FeaturesArtifact ArtifactOf(EncoderOptions encoder) => ArtifactsOf(encoder).Single();

    public IReadOnlyList<FeaturesArtifact> ArtifactsOf(EncoderOptions encoder) => FeaturizeStage.Artifacts([encoder], Ingest, _folder.PathOf("encoders"), Features, [_folder.Path, Beside.Checkout]);

    /// <summary>An encoder whose weights are drawn from <paramref name="seed"/>.</summary>
    public EncoderOptions CardWithSeed(int seed)
    {
        var card = Directory.CreateDirectory(_folder.PathOf("own")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Beside.Checkout, "onnx-models", "clip-small"))) System.IO.File.Copy(file, Path.Combine(card, Path.GetFileName(file)), overwrite: true);
        var json = Path.Combine(card, "card.json");
        System.IO.File.WriteAllText(json, System.IO.File.ReadAllText(json).Replace("\"seed\": 7", $"\"seed\": {seed}", StringComparison.Ordinal));
        return new EncoderOptions { Name = "own", Card = "own" };
    }

    /// <summary>Hash over the bytes of the store, manifest included.</summary>
    public string BytesOf(string encoder) => string.Join('\n', Directory.EnumerateFiles(Path.Combine(Features, encoder)).Order(StringComparer.Ordinal)
        .Where(file => Path.GetFileName(file) != Manifest.TimingsFileName).Select(file => $"{Path.GetFileName(file)} {Hashing.OfBytes(System.IO.File.ReadAllBytes(file))}"));

    /// <summary>Makes the store's manifest say something else.</summary>
    public async Task ChangeManifestAsync(string encoder, string from, string to)
    {
        var path = Path.Combine(Features, encoder, Manifest.FileName);
        var text = await System.IO.File.ReadAllTextAsync(path, _cancellation);
        Assert.Contains(from, text, StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(path, text.Replace(from, to, StringComparison.Ordinal), _cancellation);
    }

    /// <summary>How many vectors the last run encoded, and how many it copied.</summary>
    public (int Encoded, int Copied) WorkOf(string encoder)
    {
        var timings = JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(Features, encoder, Manifest.TimingsFileName)))!;
        return ((int)timings["encoded"]!, (int)timings["copied"]!);
    }

    /// <summary>The feature store by item id.</summary>
    public async Task<Dictionary<string, FeatureRow>> ReadAsync(string encoder)
    {
        var rows = new Dictionary<string, FeatureRow>();
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(Path.Combine(Features, encoder), cancellation: _cancellation)) rows.Add(row.ItemId, row);
        return rows;
    }

    public static string Id(int item) => $"B{item:D3}";

    /// <summary>A picture of this size.</summary>
    public static byte[] Picture(int width, int height)
    {
        using var image = Image.Black(width, height);
        return image.PngsaveBuffer(compression: 1);
    }

    private string Text(int item) => item is NoText or Nothing ? "" : $"Striped red mug number {item}{(Changed.Contains(item) ? ", now with a handle that stays cool whatever you fill into it" : "")}";

    private async IAsyncEnumerable<ImageRow> ImagesAsync(IReadOnlyList<int> items)
    {
        await Task.Yield();
        foreach (var item in Stored(items))
            yield return new ImageRow(items.ToList().IndexOf(item), Id(item), "", Hashing.OfBytes(File(item)), 70, 50, File(item));
    }

    private IEnumerable<PictureRow> Pictures(IReadOnlyList<int> items) => items.Select((item, i) => item is NoPicture or Nothing
        ? new PictureRow(i, Id(item), null, PictureStatus.None, null, null, null, null, null, null, null)
        : new PictureRow(i, Id(item), "", item == Placeholder ? PictureStatus.Placeholder : PictureStatus.Ok, 200, null, 0, Hashing.OfBytes(File(item)), 70, 50, Stored(items).IndexOf(item == Twin ? TwinOf : item)));

    // Equal pictures are stored once, with the first item.
    private static List<int> Stored(IReadOnlyList<int> items) => [.. items.Where(item => item is not (NoPicture or Nothing or Twin))];

    private byte[] File(int item) => item == BadPicture ? "no picture"u8.ToArray() : Picture(item == Twin ? TwinOf : item, Changed.Contains(item));

    private static byte[] Picture(int item, bool changed)
    {
        var pixels = Enumerable.Range(0, 70 * 50 * 3).Select(i => (byte)((i * (item + 3) + i / 210 * item) % 256 ^ (changed ? 85 : 0))).ToArray();
        using var image = Image.NewFromMemory(pixels, 70, 50, 3, Enums.BandFormat.Uchar);
        return image.JpegsaveBuffer();
    }
}
