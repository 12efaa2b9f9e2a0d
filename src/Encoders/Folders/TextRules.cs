using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Folders;

/// <summary>The section <c>text</c> of a card, as the settings of a folder's tokenizer and model have it (docs/encoders.md#folders).</summary>
internal static class TextRules
{
    // Above it a length means: none is known.
    private const double NoLength = 1e6;

    // Positions of these are counted from behind padding's id, 1.
    private static readonly string[] PositionsAfterPadding =
    [
        "roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text", "xmod",
        "roberta-prelayernorm", "luke", "esm", "ibert", "lilt", "jina_clip_text",
    ];

    private static readonly Dictionary<string, int> Positions = new(StringComparer.Ordinal)
    {
        ["clip"] = 77,
        ["clip_text_model"] = 77,
        ["siglip"] = 64,
        ["siglip_text_model"] = 64,
        ["siglip2"] = 64,
        ["siglip2_text_model"] = 64,
    };

    // Rows of the table of words that a config.json leaves out.
    private static readonly Dictionary<string, int> Vocabularies = new(StringComparer.Ordinal)
    {
        ["clip"] = 49408,
        ["clip_text_model"] = 49408,
        ["siglip"] = 32000,
        ["siglip_text_model"] = 32000,
    };

    private static readonly string[] SentenceFiles =
    [
        "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json",
        "sentence_albert_config.json", "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ];

    /// <summary>Writes the section.</summary>
    /// <exception cref="InvalidInputException">A setting is missing or cannot be honoured; the message names file and field.</exception>
    public static async Task WriteAsync(CardDraft draft, FolderFiles files, FolderGraph graph, Settings config, Settings sentences, CancellationToken cancellation)
    {
        var file = await TokenizerFile.ReadAsync(files, cancellation);
        var tokenizer = await files.SettingsAsync("tokenizer_config.json", cancellation);
        var special = await files.SettingsAsync("special_tokens_map.json", cancellation);
        var sentence = new Settings(SentenceFiles[0], null);
        foreach (var name in SentenceFiles)
            if (!sentence.Exists) sentence = await files.SettingsAsync(name, cancellation);
        if (sentence.Flag("do_lower_case") == true && !file.Lowers)
            throw sentence.Wrong("do_lower_case", $"is not supported where {TokenizerFile.FileName} keeps upper case: marks such as [SEP] in a text would be read otherwise");
        if (tokenizer.Flag("do_lower_case") == false && file.Lowers)
            throw tokenizer.Wrong("do_lower_case", $"is not supported where {TokenizerFile.FileName} brings texts to lower case: some of transformers' classes go by the one, some by the other; write true, or change its normalizer");
        if (tokenizer.Text("truncation_side") is not (null or "right"))
            throw tokenizer.Wrong("truncation_side", "is not supported: a text that is too long loses its end; write \"right\" if that will do");

        draft.Set("text.tokenizer", "json", null);
        draft.Set("text.file", TokenizerFile.FileName, null);
        var (length, lengthFrom) = Length(graph, config, tokenizer, sentence);
        draft.Set("text.length", length, lengthFrom);
        var hasMask = graph.File.Inputs.Any(i => i.Name == GraphChoice.Mask);
        draft.Set("text.padding", "free", "the trial: padding changes no vector"); // if it does, the trial says so
        var (filling, side) = tokenizer["padding_side"] is null ? (file.Padding, "direction") : (tokenizer, "padding_side");
        if (string.Equals(filling.Text(side), "left", StringComparison.OrdinalIgnoreCase))
            draft.Forbid("text.padding", "full", filling.Wrong(side, "is not supported where texts are padded to their full length, as this graph needs it: they are filled up behind their end"));
        var lowers = tokenizer.Flag("do_lower_case") == true && !file.Lowers;
        if (lowers) draft.Set("text.lowercase", true, tokenizer.Origin("do_lower_case"));
        var tokens = JsonTokenizer.Read((await files.FindAsync(TokenizerFile.FileName, cancellation))!, lowers);
        var size = tokens.VocabularySize;
        var (rows, rowsFrom) = Rows(graph, config);
        if (size > rows) throw new InvalidInputException($"{TokenizerFile.FileName}: has ids up to {size - 1}, and the embedding has {rows} rows ({rowsFrom}); the two are not of one model");
        draft.Set("text.vocabulary", size, TokenizerFile.FileName);
        var (padding, paddingFrom) = Padding(tokens, tokenizer, special, config, hasMask);
        if (padding >= size) throw new InvalidInputException($"{paddingFrom}: {padding} is beyond the vocabulary of {size} ids ({TokenizerFile.FileName})");
        draft.Set("text.padId", padding, paddingFrom);
        if (Prompt(sentences) is { Length: > 0 } prompt) draft.Set("text.prefix", prompt, sentences.Origin("default_prompt_name"));
        // Texts are not cleaned but by the tokenizer.
        draft.Set("text.cleaning", new JsonObject { ["unescape"] = 0 }, null);
    }

    /// <summary>What sentence-transformers puts before every text unless it is told otherwise; null: nothing.</summary>
    public static string? Prompt(Settings sentences)
    {
        if (sentences.Text("default_prompt_name") is not { } name) return null;
        return sentences.Inner("prompts").Text(name) ?? throw sentences.Wrong("default_prompt_name", "is not among prompts");
    }

    private static (int, string) Length(FolderGraph graph, Settings config, Settings tokenizer, Settings sentence)
    {
        var (inner, type) = (config.Inner("text_config"), TypeOf(config));
        var holder = inner["max_position_embeddings"] is null ? config : inner;
        var positions = holder.Count("max_position_embeddings") - (PositionsAfterPadding.Contains(type) ? 2 : 0);
        var positionsFrom = $"{holder.Origin("max_position_embeddings")}{(PositionsAfterPadding.Contains(type) ? $", of which {type} uses all but 2" : "")}";
        var (length, from) = sentence.Count("max_seq_length") is { } most ? (most, sentence.Origin("max_seq_length"))
            : tokenizer.Number("model_max_length") < NoLength ? (tokenizer.Count("model_max_length")!.Value, tokenizer.Origin("model_max_length"))
            : positions is not null ? (positions.Value, positionsFrom)
            : Positions.TryGetValue(type, out var own) ? (own, $"model_type {type}'s default")
            : throw new InvalidInputException(
                $"{tokenizer.File}: model_max_length {(tokenizer["model_max_length"] is null ? "is missing" : "is so large that it sets no limit")}, and max_position_embeddings is missing in {config.File}: how many tokens a text may have does not follow from model_type '{type}'; write one of them");
        if (positions < length) (length, from) = (positions.Value, $"{positionsFrom}; {from}, is more");
        var taken = graph.File.Inputs.First(i => i.Name == GraphChoice.Ids).Shape is { Rank: 2 } shape && shape[1].IsFixed ? shape[1].Value : long.MaxValue;
        if (taken < length) (length, from) = ((int)taken, $"{graph.Name}, input {GraphChoice.Ids}; {from}, is more");
        return length > TextTokenization.MostTokens ? (TextTokenization.MostTokens, $"the most that a card allows; {from}, is more") : (length, from);
    }

    // Null: they are not known.
    private static (long?, string) Rows(FolderGraph graph, Settings config)
    {
        if (graph.File.Tables.TryGetValue(GraphChoice.Ids, out var rows)) return (rows, graph.Name);
        var holder = config.Inner("text_config") is { } inner && inner["vocab_size"] is not null ? inner : config;
        var type = TypeOf(config);
        return holder.Count("vocab_size") is { } said ? (said, holder.Origin("vocab_size")) : Vocabularies.TryGetValue(type, out var own) ? (own, $"model_type {type}'s default") : (null, "");
    }

    private static string TypeOf(Settings config) => config.Inner("text_config").Text("model_type") ?? config.Text("model_type") ?? "";

    private static (int, string) Padding(JsonTokenizer tokens, Settings tokenizer, Settings special, Settings config, bool hasMask)
    {
        foreach (var settings in new[] { tokenizer, special })
            if (settings["pad_token"] is { } node)
            {
                var token = (node is JsonObject added ? added["content"] : node)?.ToString() ?? "";
                return (tokens.IdOf(token) ?? throw settings.Wrong("pad_token", $"is no token of {TokenizerFile.FileName}"), settings.Origin("pad_token"));
            }
        foreach (var settings in new[] { config.Inner("text_config"), config })
            if (settings.Number("pad_token_id") is >= 0 and var id) return ((int)id, settings.Origin("pad_token_id"));
        return hasMask ? (0, "any: padding is masked") : throw new InvalidInputException(
            $"{tokenizer.File}: pad_token is missing, and the graph takes no {GraphChoice.Mask}; write what texts are filled up with");
    }
}
