namespace LmmRec.Ingest.Sources.Amazon;

/// <summary>
/// The edition of 2018: JSON, with lists for descriptions and pictures, and the item first in the ratings (docs/data.md#amazon-2018).
/// </summary>
internal static class Amazon2018
{
    private const string Folder = "https://mcauleylab.ucsd.edu/public_datasets/data/amazon_v2/";

    public static AmazonEdition Edition { get; } = new(
        new PublishedFile(Folder + "categoryFilesSmall/", "{0}_5.json.gz"), Amazon2014.Review,
        new PublishedFile(Folder + "categoryFilesSmall/", "{0}.csv"), Amazon2014.Rating(user: "2", item: "1"),
        new PublishedFile(Folder + "metaFiles2/", "meta_{0}.json.gz"), Read);

    /// <summary>A JSON object with at least an asin. Its picture is the first large one, or else the first small one.</summary>
    public static (string Key, ItemRecord Item) Read(ReadOnlySpan<byte> line)
    {
        string? asin = null, title = null, brand = null, description = null;
        List<string> categories = [], large = [], small = [];
        var fields = new JsonFields(line);
        while (fields.Next())
        {
            if (fields.Is("asin"u8)) asin = fields.Text();
            else if (fields.Is("title"u8)) title = fields.Text();
            else if (fields.Is("brand"u8)) brand = fields.Text();
            else if (fields.Is("category"u8)) categories = fields.Texts();
            else if (fields.Is("description"u8)) description = AmazonEdition.Joined(fields.Texts());
            else if (fields.Is("imageURLHighRes"u8)) large = fields.Texts();
            else if (fields.Is("imageURL"u8)) small = fields.Texts();
            else fields.Skip();
        }
        return (AmazonEdition.Key(asin, "asin"), new ItemRecord(title, brand, categories, description, AmazonEdition.Places([large.FirstOrDefault(), small.FirstOrDefault()])));
    }
}
