using System.Runtime.CompilerServices;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize;

/// <summary>What an encoder gets of an item.</summary>
/// <param name="Item">dense index</param>
/// <param name="ItemId">the shop's own id</param>
/// <param name="Text">the assembled text; empty where there is none</param>
/// <param name="Image">the picture's file; null where there is none</param>
/// <param name="PictureSha256">its hash; null where there is none</param>
internal sealed record CatalogueItem(int Item, string ItemId, string Text, byte[]? Image, string? PictureSha256)
{
    /// <summary>Hash of the text in UTF-8; null where there is none.</summary>
    public string? TextSha256 => Text.Length == 0 ? null : Hashing.OfText(Text);

    /// <summary>How many items ingest wrote, for progress; null where its manifest does not say.</summary>
    public static long? CountOf(string ingest) => (long?)Manifest.Read(ingest).Facts["items"];

    /// <summary>Reads items and what became of their pictures, both in index order, side by side; a picture that several items share lies with the first.</summary>
    public static async IAsyncEnumerable<CatalogueItem> ReadAsync(string ingest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (ahead, behind) = (new RowLookup<ImageRow>(ingest), new RowLookup<ImageRow>(ingest)); // a look back does not cost the place
        var last = -1;
        await using var pictures = TableFile.StreamFolderAsync<PictureRow>(ingest, cancellation: cancellation).GetAsyncEnumerator(cancellation);
        await foreach (var item in TableFile.StreamFolderAsync<ItemRow>(ingest, cancellation: cancellation))
        {
            if (!await pictures.MoveNextAsync() || pictures.Current.Item != item.Item)
                throw new InvalidInputException($"{ingest}: the table 'pictures' has no row for item {item.Item} ({item.ItemId}); run 'lmmrec ingest' again");
            byte[]? image = null;
            if (pictures.Current is { ShowsItem: true, Image: { } row })
            {
                image = (await (row > last ? ahead : behind).ReadAsync(row, cancellation)).Bytes;
                last = Math.Max(last, row);
            }
            yield return new CatalogueItem(item.Item, item.ItemId, item.Text, image, image is null ? null : pictures.Current.Sha256);
        }
    }
}
