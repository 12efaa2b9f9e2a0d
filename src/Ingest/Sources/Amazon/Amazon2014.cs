using System.Text;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Tables;
using LmmRec.Tables;

namespace LmmRec.Ingest.Sources.Amazon;

/// <summary>The edition of 2014, in which products are Python literals (docs/data.md#amazon-2014).</summary>
internal static class Amazon2014
{
    private const string Folder = "https://snap.stanford.edu/data/amazon/productGraph/categoryFiles/";

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Its files, of which the reviews are in the form of 2018 too.</summary>
    public static AmazonEdition Edition { get; } = new(
        new PublishedFile(Folder, "reviews_{0}_5.json.gz"), Review,
        new PublishedFile(Folder, "ratings_{0}.csv"), Rating(user: "1", item: "2"),
        new PublishedFile(Folder, "meta_{0}.json.gz"), Read);

    internal static InteractionTableOptions Review => new()
    {
        Format = TableFormat.Jsonl,
        Columns = new InteractionColumns { User = "reviewerID", Item = "asin", Rating = "overall", Time = "unixReviewTime" },
        TimeUnit = TimeUnit.Seconds,
    };

    internal static InteractionTableOptions Rating(string user, string item) => new()
    {
        Format = TableFormat.Csv,
        Separator = ",",
        Header = false,
        Columns = new InteractionColumns { User = user, Item = item, Rating = "3", Time = "4" },
        TimeUnit = TimeUnit.Seconds,
    };

    /// <summary>A Python dictionary with at least an asin.</summary>
    public static (string Key, ItemRecord Item) Read(ReadOnlySpan<byte> line)
    {
        string text;
        try
        {
            text = Utf8.GetString(line);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("holds bytes that are no valid UTF-8", e);
        }
        if (!PythonLiteral.TryParse(text, out var value, out var fault)) throw new FormatException(fault);
        var fields = value as Dictionary<string, object?> ?? throw new FormatException("is no dictionary");
        return (AmazonEdition.Key(Text("asin"), "asin"), new ItemRecord(Text("title"), Text("brand"), Categories(), Text("description"), AmazonEdition.Places([Text("imUrl")])));

        string? Text(string name) => fields.GetValueOrDefault(name) is null or string ? (string?)fields.GetValueOrDefault(name) : throw new FormatException($"{name} is no text");

        // One list per path, the first is the main one.
        string[] Categories() => fields.GetValueOrDefault("categories") switch
        {
            null or List<object?> { Count: 0 } => [],
            List<object?> paths when paths.All(p => p is List<object?> path && path.All(c => c is string)) => [.. ((List<object?>)paths[0]!).Cast<string>()],
            _ => throw new FormatException("categories are no lists of texts"),
        };
    }
}
