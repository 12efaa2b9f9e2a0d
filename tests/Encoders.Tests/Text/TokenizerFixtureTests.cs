using System.Text.Json;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text;

[Trait("Category", "Fixtures")]
public sealed class TokenizerFixtureTests
{
    private sealed record Line(string Text, long[] Ids);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Fact]
    public void Clip_tokens_equal_the_reference_on_every_line()
    {
        var lines = Read("clip_tokens.json");
        var vocabulary = (int)lines[0].Ids[^1] + 1; // every line ends in the end marker, the last id
        var merges = VocabularyFile.ReadLines(Beside.Fixture("text-and-images/bpe_simple_vocab_16e6.txt.gz"));
        EqualOnEveryLine(new BytePairTokenizer(merges, new TextCleaning { Unescape = 2 }, BytePairTokenizer.MergesOf(vocabulary)), lines);
    }

    [Fact]
    public void Bert_tokens_equal_the_reference_on_every_line()
    {
        var vocabulary = VocabularyFile.ReadLines(Beside.Fixture("text-and-images/bert_vocab.txt"));
        // BERT's own code made them; it knows words of up to 200 letters, of which one line is an example.
        var lines = Read("bert_tokens.json").Where(line => line.Text.Length == 0 || line.Text != new string(line.Text[0], 200)).ToArray();
        EqualOnEveryLine(new WordPieceTokenizer(vocabulary, new TextCleaning { Unescape = 0 }), lines);
    }

    [Fact]
    public void Minilms_tokens_equal_those_of_the_tokenizers_library_on_every_text()
    {
        var tokenizer = new WordPieceTokenizer(VocabularyFile.ReadLines(Beside.Fixture("text-and-images/bert_vocab.txt")), new TextCleaning { Unescape = 0 });
        using var texts = JsonDocument.Parse(File.ReadAllText(Beside.Fixture("hf-folders/tokens.json")));
        var ids = new long[2000];
        foreach (var text in texts.RootElement.EnumerateArray())
        {
            var count = tokenizer.Encode(text.GetProperty("text").GetString()!, ids);
            Assert.Equal(text.GetProperty("minilm").EnumerateArray().Select(id => id.GetInt64()), ids.Take(count));
        }
    }

    private static Line[] Read(string file) => JsonSerializer.Deserialize<Line[]>(File.ReadAllText(Beside.Fixture($"text-and-images/{file}")), Json)!;

    private static void EqualOnEveryLine<TTokenizer>(TTokenizer tokenizer, Line[] lines) where TTokenizer : ITokenizer
    {
        var ids = new long[lines.Max(line => line.Ids.Length)]; // the reference cut long texts
        foreach (var line in lines)
        {
            var count = tokenizer.Encode(line.Text, ids);
            Assert.True(line.Ids.AsSpan().SequenceEqual(ids.AsSpan(0, count)), $"'{line.Text}': expected {string.Join(' ', line.Ids)}, got {string.Join(' ', ids[..count])}");
            Assert.All(ids[count..], id => Assert.Equal(0, id));
        }
    }
}
