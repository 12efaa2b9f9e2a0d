using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;

namespace LmmRec.Encoders.Folders;

/// <summary>What sentence-transformers' modules.json says of how a text's tokens become its vector (docs/encoders.md#folders).</summary>
/// <param name="Pooling">how tokens become one vector</param>
/// <param name="UnitLength">whether it is brought to length 1</param>
/// <param name="From">what says so</param>
internal sealed record SentenceModules(Pooling Pooling, bool UnitLength, string From)
{
    /// <summary>What says that vectors are of length 1.</summary>
    public const string UnitLengthFrom = $"{FileName}, Normalize";

    public const string FileName = "modules.json";

    private const string PoolingFile = "config.json";

    // By the name of the older field, which is true for one of them, and the word of the newer one.
    private static readonly (string Field, string Word, Pooling Pooling)[] Poolings =
    [
        ("pooling_mode_cls_token", "cls", Pooling.Cls), ("pooling_mode_mean_tokens", "mean", Pooling.Mean), ("pooling_mode_lasttoken", "lasttoken", Pooling.Last),
    ];

    /// <summary>Reads the modules; null: the folder has none.</summary>
    /// <param name="files">the folder</param>
    /// <param name="sentences">config_sentence_transformers.json</param>
    /// <param name="cancellation">ends the fetching</param>
    /// <exception cref="InvalidInputException">A module cannot be honoured.</exception>
    public static async Task<SentenceModules?> ReadAsync(FolderFiles files, Settings sentences, CancellationToken cancellation)
    {
        if (await files.FindAsync(FileName, cancellation) is not { } path) return null;
        if (Settings.Parse(FileName, path) is not JsonArray modules) throw new InvalidInputException($"{FileName}: is no list of modules");
        var (pooling, from, unit) = ((Pooling?)null, "", false);
        foreach (var (i, module) in modules.Index())
        {
            var settings = new Settings($"{FileName}, module {i}", module as JsonObject ?? throw new InvalidInputException($"{FileName}: module {i} is no object"));
            var type = settings.Text("type") ?? "";
            switch (type.StartsWith("sentence_transformers.", StringComparison.Ordinal) ? type[(type.LastIndexOf('.') + 1)..] : type)
            {
                case "Transformer" when i == 0 && settings.Text("path") is null or "": break;
                case "Transformer" when i == 0: throw settings.Wrong("path", "is not supported; the model's settings have to lie in the folder itself");
                case "Pooling" when i > 0 && pooling is null:
                    (pooling, from) = Read(await files.SettingsAsync($"{settings.Text("path")}/{PoolingFile}", cancellation), TextRules.Prompt(sentences));
                    break;
                case "Normalize" when pooling is not null: unit = true; break;
                case "Dropout": break; // only while it is trained
                default: throw settings.Wrong("type", $"is not supported in this place; supported are Transformer, Pooling and Normalize, in this order");
            }
        }
        return pooling is null ? null : new SentenceModules(pooling.Value, unit, $"{FileName} and {from}");
    }

    private static (Pooling, string) Read(Settings settings, string? prompt)
    {
        if (!settings.Exists) throw new InvalidInputException($"{settings.File}: is missing, and {FileName} names it");
        if (settings.Flag("include_prompt") == false && prompt is { Length: > 0 })
            throw settings.Wrong("include_prompt", $"is not supported beside the prompt '{prompt}': the prompt's tokens count as all others");
        if (settings.Text("pooling_mode") is { } word)
            return Array.Find(Poolings, p => p.Word == word) is { Field.Length: > 0 } named ? (named.Pooling, settings.Origin("pooling_mode"))
                : throw settings.Wrong("pooling_mode", "is not supported; supported are cls, mean and lasttoken");
        var modes = settings.Fields!.Select(f => f.Key).Where(field => field.StartsWith("pooling_mode_", StringComparison.Ordinal) && settings.Flag(field) == true).ToList();
        var supported = $"supported is one of {string.Join(", ", Poolings.Select(p => p.Field))}";
        if (modes.Count == 0) throw new InvalidInputException($"{settings.File}: no pooling_mode_… is true; {supported}");
        if (modes is not [var mode]) throw new InvalidInputException($"{settings.File}: {string.Join(" and ", modes)} are true, and vectors put together are not supported; {supported}");
        return Array.Find(Poolings, p => p.Field == mode) is { Field.Length: > 0 } found ? (found.Pooling, settings.Origin(mode)) : throw settings.Wrong(mode, $"is not supported; {supported}");
    }
}
