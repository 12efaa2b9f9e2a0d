using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Encoders.Images;
using LmmRec.Encoders.Text;

namespace LmmRec.Bench.Works;

/// <summary>Decodes a JPEG picture of 1500 × 1500 pixels and brings it to CLIP's 224 × 224, ten times, on one thread.</summary>
internal sealed class PictureInput : Work
{
    private const int Side = 1500, Pictures = 10;

    /// <summary>The picture, which the peer reads too.</summary>
    public static string FilePath { get; } = Path.Combine(AppContext.BaseDirectory, "picture.jpg");

    private readonly ImagePreprocessing _rule = new();
    private readonly Normalisation _normalisation;
    private readonly float[] _values;
    private readonly byte[] _file;

    public PictureInput(Arguments _)
    {
        // A slope with noise: compresses about as well as a product picture.
        var random = new SeededRandom(1);
        var pixels = new byte[Side * Side * 3];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(i / 3 % Side / 8 + random.NextInt32(8));
        using var picture = NetVips.Image.NewFromMemory(pixels, Side, Side, 3, NetVips.Enums.BandFormat.Uchar);
        _file = picture.JpegsaveBuffer(q: 85);
        File.WriteAllBytes(FilePath, _file);
        _normalisation = new Normalisation(_rule);
        _values = new float[3 * _rule.Height * _rule.Width];
    }

    public override string What => $"{Pictures} times one JPEG of {Side} x {Side}, {_file.Length >> 10} KB, decoded, resized and normalised, one thread";

    public override void Run()
    {
        for (var i = 0; i < Pictures; i++)
        {
            if (!ImageDecoder.TryDecode(_file, applyOrientation: false, _rule.ResizeAndCrop, out var picture, out var reason)) throw new InvalidOperationException(reason);
            _normalisation.Write(picture, _values);
        }
    }

    public override void Dispose()
    {
    }
}

/// <summary>Tokenises the texts of the fixtures, ten times, on one thread.</summary>
internal sealed class TokenInput : Work
{
    private const int Times = 10;

    private readonly ITokenizer _tokenizer;
    private readonly string[] _texts;
    private readonly long[] _ids;

    private TokenInput(ITokenizer tokenizer, string texts, int length)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Fixture(texts)));
        _texts = [.. json.RootElement.EnumerateArray().Select(e => e.GetProperty("text").GetString()!)];
        (_tokenizer, _ids) = (tokenizer, new long[length]);
        var tokens = Times * _texts.Sum(text => _tokenizer.Encode(text, _ids));
        Operations = tokens;
        What = $"{Times} times {_texts.Length} texts, {tokens} tokens, one thread";
    }

    /// <summary>By CLIP's merges.</summary>
    public static TokenInput BytePairs() => new(
        new BytePairTokenizer(VocabularyFile.ReadLines(Fixture("text-and-images/bpe_simple_vocab_16e6.txt.gz")), new TextCleaning { Unescape = 2, Repair = true }, BytePairTokenizer.MergesOf(49408)),
        "text-and-images/clip_tokens.json", 77);

    /// <summary>By BERT's word pieces.</summary>
    public static TokenInput WordPieces() =>
        new(new WordPieceTokenizer(VocabularyFile.ReadLines(Fixture("text-and-images/bert_vocab.txt")), new TextCleaning()), "text-and-images/bert_tokens.json", 256);

    /// <summary>By the tokenizer.json in <paramref name="folder"/> of the fixtures, or at a path of its own.</summary>
    public static TokenInput Json(string folder) => new(JsonTokenizer.Read(Fixture(Path.Combine("hf-folders", folder, "tokenizer.json"))), "hf-folders/tokens.json", 4096);

    public override string What { get; }

    public override double Operations { get; }

    public override void Run()
    {
        for (var time = 0; time < Times; time++)
            foreach (var text in _texts) _tokenizer.Encode(text, _ids);
    }

    public override void Dispose()
    {
    }

    private static string Fixture(string name) => Path.Combine(
        Environment.GetEnvironmentVariable("FIXTURES") ?? throw new InvalidOperationException($"the environment variable FIXTURES names no folder of fixtures: {name} is in it"), name);
}
