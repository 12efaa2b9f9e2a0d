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
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "picture.jpg");

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
        File.WriteAllBytes(Path, _file);
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

/// <summary>Tokenises the product titles of the fixtures with the public vocabularies, ten times, on one thread.</summary>
internal sealed class TokenInput : Work
{
    private const int Times = 10;

    private readonly ITokenizer _tokenizer;
    private readonly string[] _texts;
    private readonly long[] _ids;

    public TokenInput(Arguments _, bool bytePairs)
    {
        var fixtures = Environment.GetEnvironmentVariable("FIXTURES") ?? throw new InvalidOperationException("the environment variable FIXTURES names no folder of fixtures: the texts and vocabularies are in its text-and-images/");
        string Fixture(string name) => System.IO.Path.Combine(fixtures, "text-and-images", name);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Fixture(bytePairs ? "clip_tokens.json" : "bert_tokens.json")));
        _texts = [.. json.RootElement.EnumerateArray().Select(e => e.GetProperty("text").GetString()!)];
        _ids = new long[bytePairs ? 77 : 256];
        _tokenizer = bytePairs
            ? new BytePairTokenizer(VocabularyFile.ReadLines(Fixture("bpe_simple_vocab_16e6.txt.gz")), new TextCleaning { Unescape = 2, Repair = true }, BytePairTokenizer.MergesOf(49408))
            : new WordPieceTokenizer(VocabularyFile.ReadLines(Fixture("bert_vocab.txt")), new TextCleaning());
        var tokens = Times * _texts.Sum(text => _tokenizer.Encode(text, _ids));
        Operations = tokens;
        What = $"{Times} times {_texts.Length} texts, {tokens} tokens, one thread";
    }

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
}
