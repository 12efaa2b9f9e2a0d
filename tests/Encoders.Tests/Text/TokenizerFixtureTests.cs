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
        var merges = VocabularyFile.ReadLines(Beside.Fixture("text-and-images/bpe_simple_vocab_16e6.txt.gz"));
        var tokenizer = new BytePairTokenizer(merges, new TextCleaning { Unescape = 2 }, BytePairTokenizer.MergesOf(49408));
        Assert.Equal(49408, tokenizer.VocabularySize);
        EqualOnEveryLine(tokenizer, 77, "clip_tokens.json");
    }

    [Fact]
    public void Bert_tokens_equal_the_reference_on_every_line()
    {
        var tokenizer = new WordPieceTokenizer(VocabularyFile.ReadLines(Beside.Fixture("text-and-images/bert_vocab.txt")), new TextCleaning { Unescape = 0 });
        EqualOnEveryLine(tokenizer, 40, "bert_tokens.json");
    }

    private static void EqualOnEveryLine<TTokenizer>(TTokenizer tokenizer, int length, string file) where TTokenizer : ITokenizer
    {
        var lines = JsonSerializer.Deserialize<Line[]>(File.ReadAllText(Beside.Fixture($"text-and-images/{file}")), Json)!;
        Assert.NotEmpty(lines);
        var ids = new long[length];
        foreach (var line in lines)
        {
            var count = tokenizer.Encode(line.Text, ids);
            Assert.True(line.Ids.AsSpan().SequenceEqual(ids.AsSpan(0, count)), $"'{line.Text}': expected {string.Join(' ', line.Ids)}, got {string.Join(' ', ids[..count])}");
            Assert.All(ids[count..], id => Assert.Equal(0, id));
        }
    }
}
