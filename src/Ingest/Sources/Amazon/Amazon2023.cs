using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Tables;
using LmmRec.Tables;

namespace LmmRec.Ingest.Sources.Amazon;

/// <summary>The edition of 2023: JSON, keyed by parent_asin, times in milliseconds (docs/data.md#amazon-2023).</summary>
internal static class Amazon2023
{
    private const string Folder = "https://mcauleylab.ucsd.edu/public_datasets/data/amazon_2023/";

    public static AmazonEdition Edition { get; } = new(
        new PublishedFile(Folder + "raw/review_categories/", "{0}.jsonl.gz"), Interactions(TableFormat.Jsonl),
        new PublishedFile(Folder + "benchmark/0core/rating_only/", "{0}.csv.gz"), Interactions(TableFormat.Csv),
        new PublishedFile(Folder + "raw/meta_categories/", "meta_{0}.jsonl.gz"), Read);

    private static InteractionTableOptions Interactions(TableFormat format) => new()
    {
        Format = format,
        Columns = new InteractionColumns { User = "user_id", Item = "parent_asin", Rating = "rating", Time = "timestamp" },
        TimeUnit = TimeUnit.Milliseconds,
    };

    /// <summary>A JSON object with at least a parent_asin. Its brand is the one among the details, or else the store.</summary>
    public static (string Key, ItemRecord Item) Read(ReadOnlySpan<byte> line)
    {
        string? asin = null, title = null, brand = null, store = null, description = null;
        List<string> categories = [];
        List<string?> pictures = [];
        var fields = new JsonFields(line);
        while (fields.Next())
        {
            if (fields.Is("parent_asin"u8)) asin = fields.Text();
            else if (fields.Is("title"u8)) title = fields.Text();
            else if (fields.Is("store"u8)) store = fields.Text();
            else if (fields.Is("categories"u8)) categories = fields.Texts();
            else if (fields.Is("description"u8)) description = AmazonEdition.Joined(fields.Texts());
            else if (fields.Is("details"u8)) brand = Brand(ref fields);
            else if (fields.Is("images"u8)) pictures = Pictures(ref fields);
            else fields.Skip();
        }
        return (AmazonEdition.Key(asin, "parent_asin"), new ItemRecord(title, brand ?? store, categories, description, AmazonEdition.Places(pictures)));
    }

    private static string? Brand(ref JsonFields fields)
    {
        string? brand = null;
        if (!fields.Enter()) return null;
        while (fields.Next())
        {
            if (fields.Is("Brand"u8)) brand = fields.Text();
            else fields.Skip();
        }
        return string.IsNullOrWhiteSpace(brand) ? null : brand;
    }

    // The picture of the variant MAIN, else of the first one: in its highest resolution, else the large one.
    private static List<string?> Pictures(ref JsonFields fields)
    {
        List<string?>? main = null, first = null;
        if (!fields.EnterList()) return [];
        while (fields.EnterNext())
        {
            string? variant = null, highest = null, large = null;
            while (fields.Next())
            {
                if (fields.Is("variant"u8)) variant = fields.Text();
                else if (fields.Is("hi_res"u8)) highest = fields.Text();
                else if (fields.Is("large"u8)) large = fields.Text();
                else fields.Skip();
            }
            first ??= [highest, large];
            if (variant == "MAIN") main ??= [highest, large];
        }
        return main ?? first ?? [];
    }
}
