using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests;

/// <summary>Short texts run at short lengths: what comes of it is the same to the last bit (docs/encoders.md#lengths-of-texts).</summary>
public sealed class TextLengthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "clip": { "joint": 64, "patch": 8, "vision": { "width": 96, "layers": 3, "heads": 3 }, "text": { "width": 96, "layers": 3, "heads": 3 } } }""", 77, true)]
    [InlineData("""{ "bert": { "transformer": { "width": 96, "layers": 2, "heads": 4 }, "intermediate": 192, "positions": 300 } }""", 256, false)]
    [InlineData("""{ "vlmo": { "transformer": { "width": 96, "layers": 3, "heads": 4 }, "patch": 8, "fusionStart": 2, "relative": true } }""", 40, true)]
    [InlineData("""{ "vlmo": { "transformer": { "width": 96, "layers": 3, "heads": 4 }, "patch": 8, "fusionStart": 2 }, "feature": "itc" }""", 40, true)]
    [InlineData("""{ "bert": { "transformer": { "width": 96, "layers": 2, "heads": 4 }, "intermediate": 192, "positions": 300 }, "precision": "eight-bit" }""", 256, false)]
    [InlineData("""{ "clip": { "joint": 64, "patch": 8, "vision": { "width": 96, "layers": 3, "heads": 3 }, "text": { "width": 96, "layers": 3, "heads": 3 } }, "precision": "eight-bit" }""", 77, true)]
    public void A_vector_is_the_same_at_every_length_that_holds_the_text(string architecture, int length, bool readsImages)
    {
        var texts = Enumerable.Range(0, length).Select(words => string.Concat(Enumerable.Repeat("x ", words))).ToList(); // a token each, the last ones cut off
        var (full, free) = (Encode("full", out var one), Encode("free", out var several));
        Assert.Equal([length], one);
        Assert.Equal([.. new[] { 16, 32, 64, 128 }.Where(l => l < length), length], several);
        Assert.Equal(length, texts.Count);
        for (var i = 0; i < texts.Count; i++) Assert.True(full[i].SequenceEqual(free[i]), $"{i} words");

        List<float[]> Encode(string padding, out IReadOnlyList<int> lengths)
        {
            var image = readsImages ? "\"image\": { \"resizeTo\": 32, \"crop\": 32 }," : "";
            WriteCard($$"""{{architecture[..^1]}}, {{image}} "text": { "file": "merges.txt", "vocabulary": 821, "length": {{length}}, "padding": "{{padding}}" }, "weights": { "seed": 3 } }""");
            using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
            lengths = encoder.Texts!.Lengths;
            return [.. texts.Chunk(16).SelectMany(some => encoder.Texts.Encode(some))];
        }
    }

    [Theory]
    [InlineData("[PAD] [UNK] [CLS] red [SEP]", null)]
    [InlineData("[PAD] [UNK] [CLS] [SEP] red", "vocab.txt: the end marker has the id 3, and others go up to 4; the encoder reads a text at its largest id, so put the end marker last ([SEP] in a vocab.txt)")]
    public void A_Clip_takes_no_vocabulary_in_which_a_word_comes_behind_the_end_marker(string pieces, string? fault)
    {
        File.WriteAllLines(_folder.PathOf("vocab.txt"), pieces.Split(' '));
        WriteCard("""
            {
              "clip": { "joint": 64, "patch": 8, "vision": { "width": 96, "layers": 1, "heads": 3 }, "text": { "width": 96, "layers": 1, "heads": 3 } },
              "image": { "resizeTo": 32, "crop": 32 },
              "text": { "tokenizer": "word-piece", "file": "vocab.txt", "vocabulary": 5, "length": 8 },
              "weights": { "seed": 3 }
            }
            """);
        Assert.Equal(fault, Record.Exception(() => Encoder.Open(_folder.Path, new RuntimeOptions()).Dispose())?.Message);
        Assert.Equal(fault, Record.Exception(() => TrainableEncoder.Open(_folder.Path))?.Message);
    }

    private void WriteCard(string card)
    {
        File.Copy(Path.Combine(Beside.Checkout, "onnx-models", "clip-small", "merges.txt"), _folder.PathOf("merges.txt"), overwrite: true);
        File.WriteAllText(_folder.PathOf(EncoderCard.FileName), card);
    }
}
