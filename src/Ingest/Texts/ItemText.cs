using LmmRec.Ingest.Sources;

namespace LmmRec.Ingest.Texts;

/// <summary>What text encoders read of an item.</summary>
internal static class ItemText
{
    private const string Missing = " ";

    /// <summary>
    /// Title, brand, each category and description as <see cref="PlainText"/>, separated by blanks, a missing field a single blank (MMRec's
    /// string, docs/data.md#text-of-an-item: the order matters, since encoders cut long texts). Empty where no field says anything, so that the
    /// item counts as one without a text.
    /// </summary>
    public static string Of(ItemRecord item)
    {
        var categories = item.Categories.Count == 0 ? Missing : string.Concat(item.Categories.Select(c => PlainText.Of(c) + " "));
        var text = $"{Plain(item.Title)} {Plain(item.Brand)} {categories}{Plain(item.Description)}";
        return string.IsNullOrWhiteSpace(text) ? "" : text;
    }

    private static string Plain(string? field) => field is null ? Missing : PlainText.Of(field);
}
