namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>The markers around a text's ids.</summary>
/// <param name="Before">ids before the text</param>
/// <param name="After">ids behind it</param>
internal sealed record Template(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    private static readonly Template None = new([], []);

    private static readonly Kinds<Template> Kinds = new("post_processor", new Dictionary<string, Func<JsonField, Template>>(StringComparer.Ordinal)
    {
        ["TemplateProcessing"] = ReadSingle,
        ["BertProcessing"] = ReadPair,
        ["RobertaProcessing"] = ReadPair,
        ["ByteLevel"] = _ => None, // it only moves offsets
        ["Sequence"] = field => field["processors"].Items().Select(part => Read(part)).Aggregate(None, (inner, outer) => new([.. outer.Before, .. inner.Before], [.. inner.After, .. outer.After])),
    });

    /// <summary>Reads a post-processor; null: there are no markers.</summary>
    public static Template Read(JsonField? field) => field is { } given ? Kinds.Read(given) : None;

    private static Template ReadPair(JsonField field) => new([Marker(field["cls"])], [Marker(field["sep"])]);

    private static int Marker(JsonField field) => field.Items().ToArray() is [_, var id] ? id.Count() : throw field.Fault("is no pair of a token and its id");

    // The markers of one text; those of two have no use here.
    private static Template ReadSingle(JsonField field)
    {
        var (before, after) = (new List<int>(), new List<int>());
        var texts = 0;
        foreach (var part in field["single"].Items())
            if (part.Find("Sequence") is { } sequence)
                texts += sequence["id"].Text() == "A" ? 1 : throw sequence["id"].Fault($"is '{sequence["id"].Text()}'; allowed is A, as there is one text");
            else (texts == 0 ? before : after).AddRange(field["special_tokens"][part["SpecialToken"]["id"].Text()]["ids"].Items().Select(id => id.Count()));
        return texts == 1 ? new Template(before, after) : throw field["single"].Fault($"has the text {texts} times; allowed is once");
    }
}
