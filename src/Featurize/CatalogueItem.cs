using System.Runtime.CompilerServices;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize;

/// <summary>What an encoder gets of an item.</summary>
/// <param name="Item">dense index</param>
/// <param name="ItemId">the shop's own id</param>
/// <param name="Text">the assembled text; empty where there is none</param>
/// <param name="Image">the picture's file; null where there is none</param>
internal sealed record CatalogueItem(int Item, string ItemId, string Text, byte[]? Image)
{
    /// <summary>How many items ingest wrote, for progress; null where its manifest does not say.</summary>
    public static long? CountOf(string ingest) => (long?)Manifest.Read(ingest).Facts["items"];

    /// <summary>Reads items and pictures, both of which are in index order, side by side.</summary>
    public static async IAsyncEnumerable<CatalogueItem> ReadAsync(string ingest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var images = TableFile.StreamFolderAsync<ImageRow>(ingest, cancellation: cancellation).GetAsyncEnumerator(cancellation);
        var left = await images.MoveNextAsync();
        await foreach (var item in TableFile.StreamFolderAsync<ItemRow>(ingest, cancellation: cancellation))
        {
            byte[]? image = null;
            if (left && images.Current.Item == item.Item)
            {
                image = images.Current.Bytes;
                left = await images.MoveNextAsync();
            }
            yield return new CatalogueItem(item.Item, item.ItemId, item.Text, image);
        }
    }
}
