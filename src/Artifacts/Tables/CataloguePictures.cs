using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Tables;

/// <summary>Reads the pictures of items, as they came; fastest in the order of the items.</summary>
/// <param name="ingest">folder of the ingest artifact</param>
public sealed class CataloguePictures(string ingest)
{
    private readonly RowLookup<ImageRow> _images = new(ingest);

    /// <summary>The file of the picture of <paramref name="item"/>, which has one.</summary>
    /// <exception cref="InvalidInputException">It is not the file that came: what is made of damaged bytes would be used from night to night.</exception>
    public async ValueTask<byte[]> ReadAsync(CatalogueItem item, CancellationToken cancellation)
    {
        var (sha256, image) = item.Picture!.Value;
        var file = (await _images.ReadAsync(image, cancellation)).Bytes;
        return Hashing.OfBytes(file) == sha256 ? file : throw new InvalidInputException(
            $"{ingest}: row {image} of the table 'images', the picture of item '{item.ItemId}', is damaged; run 'lmmrec verify', then 'lmmrec ingest', which makes it again");
    }
}
