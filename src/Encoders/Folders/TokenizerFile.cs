using System.Text.Json.Nodes;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Folders;

/// <summary>What tokenizer.json says beside how it splits: the ids of tokens by their text, and whether it brings texts to lower case.</summary>
/// <param name="settings">tokenizer.json</param>
internal sealed class TokenizerFile(Settings settings)
{
    public const string FileName = "tokenizer.json";

    // What a folder may hold instead of it.
    private static readonly string[] Vocabularies = ["vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "spm.model"];

    /// <summary>Whether its normalizer brings texts to lower case.</summary>
    public bool Lowers { get; } = LowersIn(settings["normalizer"]);

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public static async Task<TokenizerFile> ReadAsync(FolderFiles files, CancellationToken cancellation)
    {
        var settings = await files.SettingsAsync(FileName, cancellation);
        if (settings.Exists) return new TokenizerFile(settings);
        var others = new List<string>();
        foreach (var name in Vocabularies)
            if (await files.FindAsync(name, cancellation) is not null) others.Add(name);
        throw new InvalidInputException($"{files.Name}: there is no {FileName}{(others.Count > 0 ? $", only {string.Join(" and ", others)}" : "")}; make one with transformers: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)");
    }

    /// <summary>The id of <paramref name="token"/>; null: there is no such token.</summary>
    public int? IdOf(string token) =>
        IdIn((settings["added_tokens"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(added => added["content"] is JsonValue content && content.ToString() == token)?["id"])
        ?? settings.Inner("model")["vocab"] switch
        {
            JsonObject ids => IdIn(ids[token]),
            JsonArray pieces => pieces.Index().Where(p => p.Item is JsonArray { Count: 2 } piece && piece[0]?.ToString() == token).Select(p => (int?)p.Index).FirstOrDefault(), // Unigram
            _ => null,
        };

    private static int? IdIn(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var id) ? id : null;

    private static bool LowersIn(JsonNode? normalizer) => normalizer is JsonObject fields && (fields["type"]?.ToString()) switch
    {
        "Lowercase" => true,
        "BertNormalizer" => fields["lowercase"] is JsonValue flag && flag.TryGetValue<bool>(out var lowers) && lowers,
        "Sequence" => (fields["normalizers"] as JsonArray)?.Any(LowersIn) ?? false,
        _ => false,
    };
}
