using System.Text.Json.Nodes;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Folders;

/// <summary>A folder's tokenizer.json, and whether it brings texts to lower case itself.</summary>
/// <param name="settings">tokenizer.json</param>
internal sealed class TokenizerFile(Settings settings)
{
    public const string FileName = "tokenizer.json";

    // What a folder may hold instead of it.
    private static readonly string[] Vocabularies = ["vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "spm.model"];

    /// <summary>Whether its normalizer brings texts to lower case.</summary>
    public bool Lowers { get; } = LowersIn(settings["normalizer"]);

    /// <summary>How it was set to fill texts up, which counts where nothing else says so.</summary>
    public Settings Padding => settings.Inner("padding");

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public static async Task<TokenizerFile> ReadAsync(FolderFiles files, CancellationToken cancellation)
    {
        var settings = await files.SettingsAsync(FileName, cancellation);
        if (settings.Exists) return new TokenizerFile(settings);
        var others = new List<string>();
        foreach (var name in Vocabularies)
            if (await files.FindAsync(name, cancellation) is not null) others.Add(name);
        var only = others.Count > 0 ? $", only {string.Join(" and ", others)}" : "";
        throw new InvalidInputException($"{files.Name}: there is no {FileName}{only}; make one with transformers: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)");
    }

    private static bool LowersIn(JsonNode? normalizer) => normalizer is JsonObject fields && (fields["type"]?.ToString()) switch
    {
        "Lowercase" => true,
        "BertNormalizer" => fields["lowercase"] is JsonValue flag && flag.TryGetValue<bool>(out var lowers) && lowers,
        "Sequence" => (fields["normalizers"] as JsonArray)?.Any(LowersIn) ?? false,
        _ => false,
    };
}
