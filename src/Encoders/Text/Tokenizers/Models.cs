namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>The models of tokenizer.json (docs/encoders.md#tokenizerjson).</summary>
internal static class Models
{
    private const int LongestWord = 100; // characters, where the file does not say

    private static readonly Kinds<ITokenModel> Kinds = new("model", new Dictionary<string, Func<JsonField, ITokenModel>>(StringComparer.Ordinal)
    {
        ["BPE"] = ReadBytePairs,
        ["Unigram"] = ReadUnigrams,
        ["WordPiece"] = ReadWordPieces,
    });

    /// <summary>Reads a model; old files do not name its type, but each has fields of its own.</summary>
    public static ITokenModel Read(JsonField field) =>
        field.Find("type") is not null ? Kinds.Read(field)
        : field.Find("merges") is not null ? ReadBytePairs(field)
        : field.Find("max_input_chars_per_word") is not null ? ReadWordPieces(field)
        : field.Find("unk_id") is not null ? ReadUnigrams(field)
        : throw field.Fault("has no type");

    private static BytePairs ReadBytePairs(JsonField field)
    {
        if (field.Find("dropout") is { } dropout && dropout.Number() != 0) throw dropout.Fault("is not possible: it makes ids random; take it out");
        var vocabulary = ReadVocabulary(field["vocab"]);
        var prefix = field.Find("continuing_subword_prefix")?.Text() ?? "";
        return new BytePairs(vocabulary, ReadMerges(field["merges"], vocabulary, prefix), new BytePairRules
        {
            Unknown = field.Find("unk_token") is { } unknown ? IdOf(unknown, vocabulary) : null,
            FuseUnknown = field.Flag("fuse_unk", false),
            ByteFallback = field.Flag("byte_fallback", false),
            IgnoreMerges = field.Flag("ignore_merges", false),
            ContinuingPrefix = prefix,
            EndSuffix = field.Find("end_of_word_suffix")?.Text() ?? "",
        });
    }

    private static WordPieces ReadWordPieces(JsonField field)
    {
        var vocabulary = ReadVocabulary(field["vocab"]);
        return new WordPieces(
            vocabulary, IdOf(field["unk_token"], vocabulary), field.Find("continuing_subword_prefix")?.Text() ?? "##", field.Find("max_input_chars_per_word")?.Count() ?? LongestWord);
    }

    private static Unigrams ReadUnigrams(JsonField field)
    {
        var pieces = new List<(string, double)>();
        foreach (var item in field["vocab"].Items())
            pieces.Add(item.Items().ToArray() is [var piece, var score] ? (piece.Text(), score.Number()) : throw item.Fault("is no pair of a piece and its score"));
        var unknown = field.Find("unk_id")?.Count() ?? -1;
        return unknown < pieces.Count
            ? new Unigrams(pieces, unknown, field.Flag("byte_fallback", false), field["vocab"].Place)
            : throw field["unk_id"].Fault($"is {unknown}; vocab has ids from 0 to {pieces.Count - 1}");
    }

    private static Dictionary<string, int> ReadVocabulary(JsonField field)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (piece, id) in field.Members()) vocabulary[piece] = id.Count();
        var most = vocabulary.Count == 0 ? 0 : vocabulary.Values.Max();
        return vocabulary.Count > 0 && vocabulary.Values.Distinct().Count() == vocabulary.Count ? vocabulary
            : vocabulary.Count == 0 ? throw field.Fault("is empty")
            : throw field.Fault($"gives one id to several pieces; there are {vocabulary.Count} pieces and ids up to {most}");
    }

    private static Merges ReadMerges(JsonField field, Dictionary<string, int> vocabulary, string prefix)
    {
        var merges = new Merges();
        var rank = 0;
        foreach (var item in field.Items())
        {
            var pair = item.Value.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. item.Items().Select(part => part.Text())] : item.Text().Split(' ');
            if (rank == 0 && pair is ["#version:", ..]) continue;
            if (pair is not [var left, var right] || !right.StartsWith(prefix, StringComparison.Ordinal)) throw item.Fault("is no pair of two symbols");
            if (!vocabulary.TryGetValue(left, out var leftId) || !vocabulary.TryGetValue(right, out var rightId) || !vocabulary.TryGetValue(left + right[prefix.Length..], out var merged))
                throw item.Fault($"'{left}' and '{right}', or what they make, is not in the vocabulary");
            merges.Add(leftId, rightId, rank++, merged);
        }
        return merges;
    }

    private static int IdOf(JsonField token, Dictionary<string, int> vocabulary) =>
        vocabulary.TryGetValue(token.Text(), out var id) ? id : throw token.Fault($"is '{token.Text()}', which is not in the vocabulary");
}
