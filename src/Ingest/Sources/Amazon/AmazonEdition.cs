using System.Globalization;
using LmmRec.Ingest.Pictures;
using LmmRec.Ingest.Tables;

namespace LmmRec.Ingest.Sources.Amazon;

/// <summary>A file as it is published, with <c>{0}</c> for the category.</summary>
/// <param name="Folder">the public address of its folder</param>
/// <param name="Pattern">its name</param>
internal sealed record PublishedFile(string Folder, string Pattern)
{
    public string NameFor(string category) => string.Format(CultureInfo.InvariantCulture, Pattern, category);
}

/// <summary>Reads a product's line to its key and what is said of it.</summary>
/// <exception cref="FormatException">The line cannot be used; the message says why.</exception>
/// <exception cref="System.Text.Json.JsonException">It is no JSON.</exception>
/// <exception cref="InvalidOperationException">A text that is needed is no valid UTF-8, or holds half a character.</exception>
internal delegate (string Key, ItemRecord Item) ProductReader(ReadOnlySpan<byte> line);

/// <summary>An edition of Amazon's reviews: its files, and how they are read.</summary>
/// <param name="Reviews">one review a line; where the edition has one, the file of its 5-core</param>
/// <param name="Review">its form</param>
/// <param name="Ratings">all ratings as CSV</param>
/// <param name="Rating">its form</param>
/// <param name="Products">one product a line</param>
/// <param name="Product">reads one</param>
internal sealed record AmazonEdition(
    PublishedFile Reviews, InteractionTableOptions Review, PublishedFile Ratings, InteractionTableOptions Rating, PublishedFile Products, ProductReader Product)
{
    /// <exception cref="ArgumentOutOfRangeException">The source is none of Amazon's.</exception>
    public static AmazonEdition Of(DatasetSource source) => source switch
    {
        DatasetSource.Amazon2014 => Amazon2014.Edition,
        DatasetSource.Amazon2018 => Amazon2018.Edition,
        DatasetSource.Amazon2023 => Amazon2023.Edition,
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "is no edition of Amazon's reviews"),
    };

    /// <summary>The lists that texts come in, as one text; null where there is none.</summary>
    public static string? Joined(List<string> texts) => texts.Count == 0 ? null : string.Join(' ', texts);

    /// <summary>Where the pictures are that a product names; what it leaves empty is none.</summary>
    public static IReadOnlyList<PicturePlace> Places(IEnumerable<string?> pictures) => [.. pictures.OfType<string>().Where(picture => picture.Length > 0).Select(PicturePlace.OnWeb)];

    /// <summary>The key of a product, which it must have.</summary>
    public static string Key(string? key, string name) => string.IsNullOrEmpty(key) ? throw new FormatException($"{name} is missing or empty") : key;
}
