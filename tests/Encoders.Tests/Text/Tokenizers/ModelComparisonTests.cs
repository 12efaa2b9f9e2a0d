using System.Text.Json.Nodes;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

/// <summary>Models with small random vocabularies, in which every rule of theirs is met often, beside the Rust library.</summary>
[Trait("Category", "Fixtures")]
public sealed class ModelComparisonTests
{
    private static readonly string[] Letters = ["a", "b", "c", "é", "🙂", "\u2581"];

    [Theory]
    [InlineData("""{"unk_token":"u"}""")]
    [InlineData("""{"unk_token":"u","fuse_unk":true}""")]
    [InlineData("""{"unk_token":null}""")]
    [InlineData("""{"unk_token":"u","ignore_merges":true}""")]
    [InlineData("""{"unk_token":"u","byte_fallback":true}""")]
    [InlineData("""{"unk_token":"u","byte_fallback":true,"fuse_unk":true}""")]
    [InlineData("""{"unk_token":"u","continuing_subword_prefix":"#","end_of_word_suffix":"$"}""")]
    [InlineData("""{"unk_token":"u","continuing_subword_prefix":"#","byte_fallback":true}""")]
    public void Byte_pairs_of_every_rule_give_the_ids_of_the_Rust_library(string rules)
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var model = JsonNode.Parse(rules)!.AsObject();
            var (prefix, suffix) = ((string?)model["continuing_subword_prefix"] ?? "", (string?)model["end_of_word_suffix"] ?? "");
            var random = new SeededRandom(seed);
            var symbols = Letters.SelectMany(letter => (string[])[letter, prefix + letter, letter + suffix, prefix + letter + suffix]).Distinct().ToList();
            var merges = new List<string[]>();
            for (var i = 0; i < 60; i++)
            {
                var (left, right) = (symbols[random.NextInt32(symbols.Count)], symbols[random.NextInt32(symbols.Count)]);
                if ((suffix != "" && left.EndsWith(suffix, StringComparison.Ordinal)) || !right.StartsWith(prefix, StringComparison.Ordinal)) continue;
                if (!merges.Exists(pair => pair[0] == left && pair[1] == right)) merges.Add([left, right]);
                if (!symbols.Contains(left + right[prefix.Length..])) symbols.Add(left + right[prefix.Length..]);
            }
            string[] bytes = model["byte_fallback"] is null ? [] : [.. Enumerable.Range(0, 256).Where(b => b != 0xBF || seed % 2 == 0).Select(b => $"<0x{b:X2}>")]; // one may be missing
            model["type"] = "BPE";
            model["vocab"] = new JsonObject(symbols.Concat(["u", "cab"]).Concat(bytes).Distinct().Select((word, id) => KeyValuePair.Create<string, JsonNode?>(word, id)));
            model["merges"] = new JsonArray([.. merges.Select(pair => new JsonArray(pair[0], pair[1]))]);
            Equal(model, random);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Unigrams_give_the_ids_of_the_Rust_library(bool byteFallback)
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            var random = new SeededRandom(seed);
            var pieces = new HashSet<string>(StringComparer.Ordinal) { "u" };
            for (var i = 0; i < 60; i++) pieces.Add(string.Concat(Enumerable.Range(0, 1 + random.NextInt32(4)).Select(_ => Letters[random.NextInt32(Letters.Length - 1)])));
            string[] bytes = byteFallback ? [.. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>")] : [];
            Equal(new JsonObject
            {
                ["type"] = "Unigram",
                ["unk_id"] = 0,
                ["byte_fallback"] = byteFallback,
                ["vocab"] = new JsonArray([.. pieces.Concat(bytes).Select(piece => new JsonArray(piece, Score(seed, random)))]),
            }, random);
        }
    }

    [Fact]
    public void Word_pieces_give_the_ids_of_the_Rust_library()
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var random = new SeededRandom(seed);
            var pieces = new HashSet<string>(StringComparer.Ordinal) { "u" };
            for (var i = 0; i < 60; i++) pieces.Add((i % 2 == 0 ? "" : "~") + string.Concat(Enumerable.Range(0, 1 + random.NextInt32(3)).Select(_ => Letters[random.NextInt32(Letters.Length)])));
            Equal(new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "u",
                ["continuing_subword_prefix"] = "~",
                ["max_input_chars_per_word"] = 20,
                ["vocab"] = new JsonObject(pieces.Select((piece, id) => KeyValuePair.Create<string, JsonNode?>(piece, id))),
            }, random);
        }
    }

    // Random numbers; whole ones, which make ties; and some that Rust reads with another last bit, which parts ties.
    private static double Score(int seed, SeededRandom random) => (seed % 3) switch
    {
        0 => -5 * random.NextDouble(),
        1 => -random.NextInt32(5),
        _ => new[] { -2.0122928619384766, -7.407997131347656, -10.809488296508789 }[random.NextInt32(3)],
    };

    private static void Equal(JsonObject model, SeededRandom random)
    {
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => string.Concat(Enumerable.Range(0, random.NextInt32(i % 20 == 0 ? 300 : 25)).Select(_ => Text(random))))];
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("tokenizer.json"), new JsonObject { ["model"] = model, ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" } }.ToJsonString());
        RustComparisonTests.Equal(folder.PathOf("tokenizer.json"), texts);
    }

    // A letter; now and then one that the vocabulary lacks, or a blank.
    private static string Text(SeededRandom random) => random.NextInt32(12) switch { 0 => "ÿ", 1 => "x", 2 => "¿", 3 => random.NextInt32(3) == 0 ? " " : "u", _ => Letters[random.NextInt32(Letters.Length)] };
}
