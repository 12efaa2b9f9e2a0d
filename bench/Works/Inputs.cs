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
        _values = new float[3 * _rule.Crop * _rule.Crop];
    }

    public override string What => $"{Pictures} times one JPEG of {Side} x {Side}, {_file.Length >> 10} KB, decoded, resized and normalised, one thread";

    public override void Run()
    {
        for (var i = 0; i < Pictures; i++)
        {
            if (!ImageDecoder.TryDecode(_file, applyOrientation: false, _rule.ResizeAndCrop, out var picture, out var reason)) throw new InvalidOperationException(reason);
            _rule.Normalise(picture, _values);
        }
    }

    public override void Dispose()
    {
    }
}

/// <summary>Tokenises 10,000 made-up product titles of ten words on one thread.</summary>
internal sealed class TokenInput : Work
{
    private const int Texts = 10_000, Words = 10, Length = 77;

    private readonly ITokenizer _tokenizer;
    private readonly string[] _texts;
    private readonly long[] _ids = new long[Length];

    public TokenInput(Arguments _, bool bytePairs)
    {
        string[] syllables = ["ba", "con", "der", "fil", "go", "hem", "ing", "jor", "kel", "lum", "mor", "nes", "pa", "qui", "ron", "st", "tra", "ver", "wi", "zen"];
        var random = new SeededRandom(1);
        _texts = [.. Enumerable.Range(0, Texts).Select(_ => string.Join(' ', Enumerable.Range(0, Words).Select(_ => string.Concat(Enumerable.Range(0, 1 + random.NextInt32(3)).Select(_ => syllables[random.NextInt32(syllables.Length)])))))];
        _tokenizer = bytePairs
            ? new BytePairTokenizer(["#version", "i n", "in g</w>", "e r", "o n", "c on", "t r", "tr a"], new TextCleaning { Unescape = 2, Repair = true })
            : new WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. syllables, .. syllables.Select(s => "##" + s)], new TextCleaning());
        What = $"{Texts} texts, {_texts.Sum(text => _tokenizer.Encode(text, _ids))} tokens, one thread";
    }

    public override string What { get; }

    public override void Run()
    {
        foreach (var text in _texts) _tokenizer.Encode(text, _ids);
    }

    public override void Dispose()
    {
    }
}
