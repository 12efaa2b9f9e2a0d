using System.Text.Json;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

/// <summary>The folders of hf-folders, whatever their names, beside the ids that the Rust library gives.</summary>
[Trait("Category", "Fixtures")]
public sealed class JsonTokenizerFixtureTests
{
    [Fact]
    public void Ids_equal_those_of_the_tokenizers_library_on_every_text()
    {
        using var texts = JsonDocument.Parse(File.ReadAllText(Beside.Fixture("hf-folders/tokens.json")));
        var ids = new long[4000];
        var compared = 0;
        foreach (var (name, tokenizer) in Tokenizers())
        {
            if (ColumnOf(name, texts.RootElement[0]) is not { } column) continue;
            foreach (var text in texts.RootElement.EnumerateArray())
            {
                var count = tokenizer.Encode(text.GetProperty("text").GetString()!, ids);
                Equal(text.GetProperty(column), ids.AsSpan(0, count), $"{name}: {text.GetProperty("text").GetRawText()}");
                compared++;
            }
        }
        Assert.InRange(compared, texts.RootElement.GetArrayLength(), int.MaxValue);
    }

    [Fact]
    public void The_expected_texts_are_cut_to_the_folders_length()
    {
        foreach (var (name, tokenizer) in Tokenizers())
        {
            using var expected = Expected(name);
            var rules = expected.RootElement.GetProperty("tokenizer");
            var ids = new long[rules.GetProperty("max_length").GetInt32()];
            foreach (var text in expected.RootElement.GetProperty("texts").EnumerateArray())
            {
                var count = tokenizer.Encode((rules.TryGetProperty("prefix", out var prefix) ? prefix.GetString() : "") + text.GetProperty("text").GetString(), ids);
                Equal(text.GetProperty("ids"), ids.AsSpan(0, count), $"{name}: {text.GetProperty("text").GetRawText()}");
            }
        }
    }

    // Columns are called by the first word of a folder's name that is one: minilm of all-MiniLM-tiny.
    private static string? ColumnOf(string folder, JsonElement text) => folder.Split('-').Select(word => word.ToLowerInvariant()).FirstOrDefault(word => text.TryGetProperty(word, out _));

    private static IEnumerable<(string Name, JsonTokenizer Tokenizer)> Tokenizers()
    {
        foreach (var folder in Directory.EnumerateDirectories(Beside.Fixture("hf-folders")).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, "tokenizer.json");
            var name = Path.GetFileName(folder);
            if (!File.Exists(path) || !File.Exists(Beside.Fixture($"hf-folders/expected/{name}.json"))) continue;
            using var expected = Expected(name);
            var rules = expected.RootElement.GetProperty("tokenizer");
            yield return (name, JsonTokenizer.Read(path, rules.TryGetProperty("lowercase", out var lowercase) && lowercase.GetBoolean()));
        }
    }

    private static JsonDocument Expected(string name) => JsonDocument.Parse(File.ReadAllText(Beside.Fixture($"hf-folders/expected/{name}.json")));

    private static void Equal(JsonElement expected, ReadOnlySpan<long> ids, string what)
    {
        long[] wanted = [.. expected.EnumerateArray().Select(id => id.GetInt64())];
        Assert.True(ids.SequenceEqual(wanted), $"{what}: expected {string.Join(' ', wanted)}, got {string.Join(' ', ids.ToArray())}");
    }
}
