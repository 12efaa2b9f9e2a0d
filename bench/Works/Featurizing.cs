using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Featurize;

namespace LmmRec.Bench.Works;

/// <summary>Real photos with titles, and CLIP ViT-B/16 with weights from a seed: full, or its linear layers in 8 bits.</summary>
internal sealed class Photos : IDisposable
{
    private const int Seed = 1;

    private readonly TemporaryFolder _folder = new();

    public Photos(Arguments arguments, bool rounded, int items = 64)
    {
        var titles = File.ReadLines(Path.Combine(Folder, "styles.csv")).Skip(1).Select(line => line.Split(',')).ToDictionary(cells => cells[0], cells => cells[^1]);
        Items = [.. Directory.EnumerateFiles(Path.Combine(Folder, "images")).Order(StringComparer.Ordinal).Take(arguments.Batch == 0 ? items : arguments.Batch)
            .Select(file => (Path.GetFileNameWithoutExtension(file), titles[Path.GetFileNameWithoutExtension(file)], File.ReadAllBytes(file)))];

        var drafted = Directory.CreateDirectory(_folder.PathOf("draft")).FullName;
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "onnx-models", "clip-vit-b16", EncoderCard.FileName)))!;
        if (rounded) card["precision"] = "eight-bit";
        File.WriteAllText(Path.Combine(drafted, EncoderCard.FileName), card.ToJsonString());
        File.Copy(Path.Combine(Fixtures, "text-and-images", "bpe_simple_vocab_16e6.txt.gz"), Path.Combine(drafted, "bpe_simple_vocab_16e6.txt.gz"));
        Card = _folder.PathOf("clip");
        EncoderModels.Init(drafted, Seed, Card);
    }

    /// <summary>Where the photos are, which the peer reads too.</summary>
    public static string Folder => Path.GetFullPath(Path.Combine(Fixtures, "..", "data", "fashion_small_985"));

    public IReadOnlyList<(string Id, string Title, byte[] Photo)> Items { get; }

    public string Card { get; }

    public string Describe(string how) => $"{Items.Count} photos and titles, CLIP ViT-B/16, {how}";

    public string PathOf(string name) => _folder.PathOf(name);

    /// <summary>Writes an ingest artifact of them; gives its folder.</summary>
    public string Ingest()
    {
        WriteAsync(PathOf("ingest")).GetAwaiter().GetResult();
        return PathOf("ingest");
    }

    public void Dispose() => _folder.Dispose();

    private async Task WriteAsync(string ingest)
    {
        var output = new ArtifactWriter(ingest, new Recipe("ingest", 1, [], []));
        output.Facts["items"] = Items.Count;
        var hashes = Items.Select(item => Hashing.OfBytes(item.Photo)).ToList();
        await output.WriteTableAsync(Items.Select((item, i) => new ItemRow(i, item.Id, item.Title, null, [], null, null, item.Title)), CancellationToken.None);
        await output.WriteShardsAsync("images", Items.Select((item, i) => new ImageRow(i, item.Id, "", hashes[i], 60, 80, item.Photo)).ToAsyncEnumerable(), 1000, CancellationToken.None);
        await output.WriteTableAsync(Items.Select((item, i) => new PictureRow(i, item.Id, "", PictureStatus.Ok, 200, null, item.Photo.Length, hashes[i], 60, 80, i)), CancellationToken.None);
        await output.CommitAsync(CancellationToken.None);
    }

    private static string Fixtures => Environment.GetEnvironmentVariable("FIXTURES") ?? throw new InvalidOperationException("the environment variable FIXTURES names no folder of fixtures; the photos lie in ../data beside it");
}

/// <summary>The whole step: an ingest artifact becomes a feature store; decoding and the opening of the encoder included.</summary>
internal sealed class FeaturizeStep : Work
{
    private readonly Photos _photos;
    private readonly StepRunner _runner;
    private readonly Step _step;

    public FeaturizeStep(Arguments arguments, bool rounded)
    {
        _photos = new Photos(arguments, rounded);
        _runner = new StepRunner(new Silence(), TimeProvider.System, arguments.Threads, arguments.Device);
        _step = FeaturizeStage.Artifacts([new EncoderOptions { Name = "clip", Card = _photos.Card }], _photos.Ingest(), _photos.PathOf("encoders"), _photos.PathOf("features"), [""]).Single().Step;
    }

    public override string What => _photos.Describe($"the whole step; its timings: {File.ReadAllText(Path.Combine(_step.Folder, Manifest.TimingsFileName)).ReplaceLineEndings("")}");

    public override void Run()
    {
        if (Directory.Exists(_step.Folder)) Directory.Delete(_step.Folder, recursive: true);
        _runner.RunAsync(_step, CancellationToken.None).GetAwaiter().GetResult();
    }

    public override void Dispose() => _photos.Dispose();
}

/// <summary>The encoder alone on the same photos and titles, decoded and tokenised before: the rate that the step can have at most.</summary>
internal sealed class EncoderAlone : Work
{
    private readonly Photos _photos;
    private readonly Encoder _encoder;
    private readonly List<PictureBatch> _pictures = [];
    private readonly TokenizedText[] _texts;

    public EncoderAlone(Arguments arguments, bool rounded)
    {
        _photos = new Photos(arguments, rounded);
        _encoder = Encoder.Open(_photos.Card, arguments.Runtime);
        foreach (var items in _photos.Items.Chunk(_encoder.Pictures!.BatchSize))
        {
            var batch = _encoder.Pictures.NewBatch();
            foreach (var (row, item) in items.Index())
                if (!batch.TrySet(row, item.Photo, out var reason)) throw new InvalidOperationException(reason);
            _pictures.Add(batch);
        }
        _texts = [.. _photos.Items.Select(item => _encoder.Texts!.Tokenize(item.Title))];
    }

    public override string What => _photos.Describe("the encoder alone");

    public override void Run()
    {
        foreach (var batch in _pictures) _encoder.Pictures!.Run(batch);
        _encoder.Texts!.VectorsOf(_texts);
    }

    public override void Dispose()
    {
        _encoder.Dispose();
        _photos.Dispose();
    }
}
