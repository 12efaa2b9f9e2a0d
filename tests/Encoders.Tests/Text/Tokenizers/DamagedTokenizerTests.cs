using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

public sealed class DamagedTokenizerTests
{
    private static readonly string[] Texts = ["", "a red mug, 50 €", " <mask> abcabcabc[cls] \u00BD e\u0301\u0323 🤦🏼‍♂️\r\n", new string('a', 300) + new string(' ', 300)];

    /// <summary>A file is read and gives ids, or is refused by its name: nothing else may happen, whatever was done to it.</summary>
    [Fact]
    public void Ten_thousand_damaged_files_are_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("tokenizer.json");
        var random = new SeededRandom(1);
        var (read, refused) = (0, 0);
        var ids = new long[128];
        foreach (var whole in SmallTokenizers.All)
        {
            File.WriteAllText(file, whole.ToJsonString());
            Assert.Equal(11, JsonTokenizer.Read(file).VocabularySize);
        }
        for (var i = 0; i < 10_000; i++)
        {
            var whole = SmallTokenizers.All[i % SmallTokenizers.All.Length];
            var damaged = i % 2 == 0 ? DamagedBytes(whole, random) : DamagedValues(whole, random);
            File.WriteAllBytes(file, damaged);
            try
            {
                var tokenizer = JsonTokenizer.Read(file, lowercase: i % 3 == 0);
                read++;
                foreach (var text in Texts) Assert.InRange(tokenizer.Encode(text, ids), 0, ids.Length);
            }
            catch (InvalidInputException e)
            {
                Assert.NotEmpty(e.Message);
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"file {i}: {e}\n{Encoding.UTF8.GetString(damaged)}");
            }
        }
        Assert.InRange(read, 1000, 9000);
        Assert.InRange(refused, 1000, 9000);
    }

    [Theory]
    [InlineData("""{"type":"NFC","x":1}""", """{"type":"Ftfy"}""", "normalizer: normalizer 'Ftfy' is not supported; supported are BertNormalizer, ")]
    [InlineData("""{"type":"NFC","x":1}""", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Ftfy"}]}""", "normalizer.normalizers[1]: normalizer 'Ftfy'")]
    [InlineData("""{"type":"NFC","x":1}""", """{"type":"Replace","pattern":{"Regex":"(a"},"content":""}""", "normalizer.pattern.Regex: the pattern '(a' has '(' without ')'")]
    [InlineData("""{"type":"NFC","x":1}""", """{"type":"Replace","pattern":{"Regex":"(?<=a)b"},"content":""}""", "such a group; supported are")]
    [InlineData("""{"type":"NFC","x":1}""", """{"type":"Precompiled","precompiled_charsmap":"AAAA"}""", "normalizer.precompiled_charsmap is no precompiled character map")]
    [InlineData("\"dropout\":null", "\"dropout\":0.1", "model.dropout is not possible")]
    [InlineData("\"unk_token\":\"u\"", "\"unk_token\":\"w\"", "model.unk_token is 'w', which is not in the vocabulary")]
    [InlineData("\"a\":1", "\"a\":-1", "model.vocab.a is no whole number")]
    [InlineData("\"a\":1", "\"a\":2", "model.vocab gives one id to several pieces")]
    [InlineData("[\"a\",\"b\"]", "[\"a\",\"z\"]", "model.merges[0] 'a' and 'z', or what they make, is not in the vocabulary")]
    [InlineData("\"id\":5", "\"id\":7", "added_tokens[0].id is 7, but '<mask>' is 5")]
    [InlineData("\"a\":1", "\"a\":1,", "is no JSON")]
    public void What_is_wrong_is_told_with_its_file_and_field(string whole, string damaged, string expected)
    {
        const string Tokenizer = """
            {"normalizer":{"type":"NFC","x":1},"added_tokens":[{"id":5,"content":"<mask>","special":true}],
            "model":{"type":"BPE","dropout":null,"unk_token":"u","vocab":{"u":0,"a":1,"b":2,"c":3,"ab":4},"merges":[["a","b"]]}}
            """;
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("tokenizer.json");
        File.WriteAllText(file, Tokenizer);
        Assert.Equal(6, JsonTokenizer.Read(file).VocabularySize);
        File.WriteAllText(file, Tokenizer.Replace(whole, damaged, StringComparison.Ordinal));
        var message = Assert.Throws<InvalidInputException>(() => JsonTokenizer.Read(file)).Message;
        Assert.StartsWith(file, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_goes_on_and_on_is_an_error()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("tokenizer.json");
        File.WriteAllText(file, """{"normalizer":{"type":"Replace","pattern":{"Regex":"(a|aa)+$"},"content":""},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""");
        var tokenizer = JsonTokenizer.Read(file);
        var error = Assert.Throws<InvalidInputException>(() => tokenizer.Encode(new string('a', 100) + "b", new long[8]));
        Assert.Contains("normalizer.pattern.Regex: the pattern needs too many steps", error.Message, StringComparison.Ordinal);
    }

    private static byte[] DamagedBytes(JsonObject whole, SeededRandom random)
    {
        var bytes = Encoding.UTF8.GetBytes(whole.ToJsonString()).ToList();
        for (var times = random.NextInt32(2); times >= 0 && bytes.Count > 0; times--)
        {
            var at = random.NextInt32(bytes.Count);
            switch (random.NextInt32(8))
            {
                case 0: bytes.RemoveRange(at, bytes.Count - at); break;
                case 1: bytes[at] ^= (byte)(1 << random.NextInt32(8)); break;
                case 2: bytes.Insert(at, (byte)random.NextInt32(256)); break;
                case 3: bytes.RemoveRange(at, Math.Min(1 + random.NextInt32(20), bytes.Count - at)); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(1 + random.NextInt32(50), bytes.Count - at))); break;
                default: bytes[at] = (byte)(bytes[at] is >= (byte)'0' and <= (byte)'z' ? 48 + random.NextInt32(75) : bytes[at]); break;
            }
        }
        return [.. bytes];
    }

    // One to three values become others; what a file is like inside is damaged so, not its JSON.
    private static byte[] DamagedValues(JsonObject whole, SeededRandom random)
    {
        var damaged = whole.DeepClone().AsObject();
        for (var times = random.NextInt32(2); times >= 0; times--)
        {
            JsonNode node = damaged;
            while (true)
            {
                var count = node is JsonObject fields ? fields.Count : node.AsArray().Count;
                if (count == 0) break;
                var at = random.NextInt32(count);
                var child = node is JsonObject some ? some.ElementAt(at).Value : node[at];
                if (child is JsonObject or JsonArray && random.NextInt32(10) > 0)
                {
                    node = child;
                    continue;
                }
                var value = Other(child, damaged, random);
                if (node is JsonObject changed) changed[changed.ElementAt(at).Key] = value;
                else node.AsArray()[at] = value;
                break;
            }
        }
        return Encoding.UTF8.GetBytes(damaged.ToJsonString());
    }

    private static JsonNode? Other(JsonNode? old, JsonObject whole, SeededRandom random) => (old?.GetValueKind(), random.NextInt32(14)) switch
    {
        (JsonValueKind.String, > 9) => (string)old! + (char)random.NextInt32(0xD800),
        (JsonValueKind.Number, > 9) => random.NextInt32(12),
        (JsonValueKind.True or JsonValueKind.False, > 5) => random.NextInt32(2) == 0,
        (_, 0) => null,
        (_, 1) => -1,
        (_, 2) => int.MaxValue,
        (_, 3) => JsonNode.Parse(new[] { "1e999", "0e99999999999", "-1e-99999999999", "1.5e308" }[random.NextInt32(4)]),
        (_, 4) => "",
        (_, 5) => new string('a', 1 + random.NextInt32(100)),
        (_, 6) => new JsonArray(),
        (_, 7) => whole.ElementAt(random.NextInt32(whole.Count)).Value?.DeepClone(), // a part in another's place, or within itself
        _ => random.NextInt32(1000),
    };
}
