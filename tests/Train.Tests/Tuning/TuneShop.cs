using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Train.Tuning;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

/// <summary>A catalogue whose pictures show the colour that its texts name, and the step that tunes the small CLIP on it.</summary>
internal sealed class TuneShop : IDisposable
{
    public const int Items = 40;

    private static readonly string[] Colours = ["red", "green", "blue", "white", "black"];

    private readonly CatalogueFolder _catalogue = new();
    private readonly TemporaryFolder _folder = new();

    /// <summary>Options of a tuning of a few updates: 36 pairs are trained on, in 4 batches an epoch.</summary>
    public static TuneOptions Short { get; } = new() { Epochs = 3, Batch = 8, MicroBatch = 3, LearningRate = 1e-3 };

    public string Ingest => _catalogue.Ingest;

    public static string Card => Path.Combine(Beside.Checkout, "onnx-models", "clip-small");

    public Task WriteAsync(int items = Items) => _catalogue.WriteAsync([.. Enumerable.Range(0, items).Select(i =>
        ($"a {Colours[i % 5]} thing, number {i}", (byte[]?)Pictures.Png(Pictures.Draw(48, 48, seed: i)), (string?)Colours[i % 5]))]);

    public Task<TuningPairs> ReadAsync() => _catalogue.ReadAsync();

    /// <inheritdoc cref="Vlmo(TemporaryFolder)"/>
    public string Vlmo() => Vlmo(_folder);

    public string PathOf(string name) => _folder.PathOf(name);

    /// <summary>Writes the card of a VLMo of two blocks whose weights are drawn.</summary>
    public static string Vlmo(TemporaryFolder folder)
    {
        var card = Directory.CreateDirectory(folder.PathOf("vlmo")).FullName;
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "thing", ",", "number", .. Colours, .. Enumerable.Range(0, 50).Select(n => $"{n}"), "##s"];
        File.WriteAllLines(Path.Combine(card, "vocab.txt"), pieces);
        File.WriteAllText(Path.Combine(card, "card.json"), $$"""
            { "vlmo": { "transformer": { "width": 24, "layers": 2, "heads": 2 }, "patch": 8, "fusionStart": 1 },
              "image": { "resize": "stretch", "resizeTo": 32, "crop": 32, "filter": "bicubic", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5] },
              "text": { "tokenizer": "word-piece", "file": "vocab.txt", "vocabulary": {{pieces.Length}}, "length": 12 },
              "feature": "post_norm", "weights": { "seed": 3 } }
            """);
        return card;
    }

    public Step Step(string folder, TuneOptions? options = null, string? card = null) =>
        TuneStage.Steps([new TunedEncoder("clip", card ?? Card, options ?? Short, PathOf(folder))], Ingest).Single();

    /// <summary>The bytes of an artifact but those that may differ, by file.</summary>
    public IReadOnlyDictionary<string, string> HashesOf(string folder) => Directory.EnumerateFiles(PathOf(folder), "*", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) != Manifest.TimingsFileName)
        .ToDictionary(file => Path.GetRelativePath(PathOf(folder), file), file => Hashing.OfBytes(File.ReadAllBytes(file)));

    public void Dispose()
    {
        _catalogue.Dispose();
        _folder.Dispose();
    }
}
