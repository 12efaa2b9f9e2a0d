using System.Runtime.CompilerServices;
using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Tables;

/// <summary>What an encoder gets of an item.</summary>
/// <param name="Item">dense index</param>
/// <param name="ItemId">the shop's own id</param>
/// <param name="Text">the assembled text; empty where there is none</param>
/// <param name="Picture">hash of the picture's file, and the row of the table images that holds it; null where there is none</param>
/// <param name="Category">the first entry of its category path; null where there is none</param>
public sealed record CatalogueItem(int Item, string ItemId, string Text, (string Sha256, int Image)? Picture, string? Category)
{
    /// <summary>The tables of ingest that say what items are, and hold their pictures.</summary>
    public static IReadOnlyList<string> Tables { get; } = [TableFile.NameOf<ImageRow>(), TableFile.NameOf<ItemRow>(), TableFile.NameOf<PictureRow>()];

    /// <summary>Hash of the text in UTF-8; null where there is none.</summary>
    public string? TextSha256 => Text.Length == 0 ? null : Hashing.OfText(Text);

    /// <summary>How many items ingest wrote, for progress; null where its manifest does not say.</summary>
    public static long? CountOf(string ingest) => (long?)Manifest.Read(ingest).Facts["items"];

    /// <summary>Reads items and what became of their pictures, both in index order, side by side.</summary>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">A table is missing or damaged, or the two do not belong together.</exception>
    public static async IAsyncEnumerable<CatalogueItem> ReadAsync(string ingest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var pictures = TableFile.StreamFolderAsync<PictureRow>(ingest, cancellation: cancellation).GetAsyncEnumerator(cancellation);
        await foreach (var item in TableFile.StreamFolderAsync<ItemRow>(ingest, cancellation: cancellation))
        {
            if (!await pictures.MoveNextAsync() || pictures.Current.Item != item.Item)
                throw new InvalidInputException($"{ingest}: the table 'pictures' has no row for item {item.Item} ({item.ItemId}); run 'lmmrec ingest' again");
            (string, int)? picture = pictures.Current is { ShowsItem: true, Sha256: { } sha256, Image: { } image } ? (sha256, image) : null;
            yield return new CatalogueItem(item.Item, item.ItemId, item.Text, picture, item.Categories is [var category, ..] ? category : null);
        }
    }
}
