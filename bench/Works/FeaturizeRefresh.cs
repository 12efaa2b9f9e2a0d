using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Featurize;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>
/// A store of a million items (or as many as the batch says) of which one in a hundred has another picture and text than the night before, by a tiny
/// encoder. Two catalogues differ by these, and each run brings the store from one to the other.
/// </summary>
internal sealed class FeaturizeRefresh : Work
{
    private const int Million = 1_000_000, OneIn = 100, Width = 64;
    private const string FirstNight = "night-0", SecondNight = "night-1";

    private readonly TemporaryFolder _folder = new();
    private readonly StepRunner _runner;
    private readonly Step[] _steps;
    private readonly int _items;
    private int _night;

    public FeaturizeRefresh(Arguments arguments)
    {
        _items = arguments.Batch == 0 ? Million : arguments.Batch;
        _runner = new StepRunner(new Silence(), TimeProvider.System, arguments.Threads, arguments.Device);
        var encoder = new EncoderOptions { Name = "clip-small", Card = Path.Combine(AppContext.BaseDirectory, "onnx-models", "clip-small") };
        _steps = [.. ((string[])[FirstNight, SecondNight]).Select(night => FeaturizeStage.Artifacts([encoder], _folder.PathOf(night), _folder.PathOf("encoders"), _folder.PathOf("features"), [""]).Single().Step)];
        WriteAsync(arguments.Device).GetAwaiter().GetResult();
    }

    public override string What => $"{_items} items, of which {_items / OneIn} have changed; timings of the last run: {File.ReadAllText(Path.Combine(_steps[0].Folder, Manifest.TimingsFileName)).ReplaceLineEndings("")}";

    public override void Run()
    {
        _night ^= 1;
        _runner.RunAsync(_steps[_night], CancellationToken.None).GetAwaiter().GetResult();
    }

    public override void Dispose() => _folder.Dispose();

    private async Task WriteAsync(string device)
    {
        await WriteIngestAsync(FirstNight, changed: "");
        await WriteIngestAsync(SecondNight, changed: ", new");

        // As if it had been encoded: only what changed is looked at.
        var recipe = (await StepState.OfAsync(_steps[0], device, CancellationToken.None)).Recipe!;
        var output = new ArtifactWriter(_steps[0].Folder, recipe);
        output.Runtime["onnxruntime"] = RuntimeOptions.Version;
        await output.WriteShardsAsync("features", StoreAsync(), 10_000, CancellationToken.None);
        await output.CommitAsync(CancellationToken.None);
    }

    private async Task WriteIngestAsync(string night, string changed)
    {
        var output = new ArtifactWriter(_folder.PathOf(night), new Recipe("ingest", 1, [], []));
        await output.WriteTableAsync(Enumerable.Range(0, _items).Select(i => new ItemRow(i, Id(i), null, null, [], null, null, Text(i, changed))), CancellationToken.None);
        await output.WriteShardsAsync("images", Enumerable.Range(0, _items / OneIn).Select(n => Image(n * OneIn, changed)).ToAsyncEnumerable(), 1000, CancellationToken.None);
        await output.WriteTableAsync(Enumerable.Range(0, _items).Select(i => new PictureRow(
            i, Id(i), "", PictureStatus.Ok, 200, null, 1, Changes(i) ? Hashing.OfBytes(Picture(i, changed)) : Hashing.OfText(Id(i)), 16, 16, i / OneIn)), CancellationToken.None);
        await output.CommitAsync(CancellationToken.None);
    }

    private async IAsyncEnumerable<FeatureRow> StoreAsync()
    {
        await Task.Yield();
        var random = new SeededRandom(1);
        for (var i = 0; i < _items; i++)
            yield return new FeatureRow(i, Id(i), Vector(random), FeatureStatus.Ok, Vector(random), FeatureStatus.Ok,
                Changes(i) ? Hashing.OfBytes(Picture(i, "")) : Hashing.OfText(Id(i)), Hashing.OfText(Text(i, "")));
    }

    private static bool Changes(int item) => item % OneIn == 0;

    private static string Id(int item) => string.Create(CultureInfo.InvariantCulture, $"B{item:D9}");

    private static string Text(int item, string changed) => $"Striped cotton shirt for children number {item}, washable, of a soft cloth that dries fast{(Changes(item) ? changed : "")}";

    private static ImageRow Image(int item, string changed)
    {
        var picture = Picture(item, changed);
        return new ImageRow(item, Id(item), "", Hashing.OfBytes(picture), 16, 16, picture);
    }

    private static byte[] Picture(int item, string changed)
    {
        var random = SeededRandom.For(item, $"picture{changed}");
        var pixels = new byte[16 * 16 * 3];
        foreach (ref var value in pixels.AsSpan()) value = (byte)random.NextInt32(256);
        using var picture = NetVips.Image.NewFromMemory(pixels, 16, 16, 3, NetVips.Enums.BandFormat.Uchar);
        return picture.PngsaveBuffer(compression: 1);
    }

    private static float[] Vector(SeededRandom random)
    {
        var vector = new float[Width];
        foreach (ref var value in vector.AsSpan()) value = (float)random.NextDouble();
        return vector;
    }
}
