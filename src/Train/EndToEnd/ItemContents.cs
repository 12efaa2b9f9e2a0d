using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Data;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.EndToEnd;

/// <summary>The pictures and texts of a case's items, in files of the unfinished work, where threads read them at random; in memory are their places.</summary>
internal sealed class ItemContents : IDisposable
{
    private readonly ItemPools _pools;
    private readonly UInt128[] _picture, _text; // key of each item's, where it has one

    private ItemContents(string folder, int items) =>
        (_pools, _picture, _text) = (new ItemPools(folder), new UInt128[items], new UInt128[items]);

    /// <summary>Reads what the items of <paramref name="data"/> have vectors of; what a killed run left is not read again.</summary>
    /// <exception cref="InvalidInputException">A table is missing or damaged.</exception>
    public static async Task<ItemContents> ReadAsync(string ingest, CaseData data, StepContext context, CancellationToken cancellation)
    {
        var contents = new ItemContents(context.Output.Unfinished, data.Items.Count);
        try
        {
            using var progress = context.Progress.Start($"read pictures and texts of {context.Output.Recipe.Step}", CatalogueItem.CountOf(ingest));
            var (files, row) = (new CataloguePictures(ingest), 0);
            await foreach (var item in CatalogueItem.ReadAsync(ingest, cancellation))
            {
                progress.Advance(1);
                if (row == data.Items.Count || data.Items[row] != item.Item) continue; // dropped
                if (data.HasVisual?[row] == true) await contents.AddPictureAsync(row, item, files, cancellation);
                if (data.HasTextual?[row] == true) contents._text[row] = contents._pools.AddText(item.TextSha256!, item.Text);
                row++;
            }
            return contents;
        }
        catch
        {
            contents.Dispose();
            throw;
        }
    }

    /// <summary>The file of the picture of the item in a row of the tables; from any thread.</summary>
    public byte[] Picture(int row) => _pools.Pictures.Read(_picture[row]);

    /// <summary>The text of the item in a row of the tables; from any thread.</summary>
    public string Text(int row) => _pools.Text(_text[row]);

    public void Dispose() => _pools.Dispose();

    private async Task AddPictureAsync(int row, CatalogueItem item, CataloguePictures files, CancellationToken cancellation)
    {
        var sha256 = item.Picture!.Value.Sha256;
        _picture[row] = Hashing.Half(sha256);
        if (!_pools.Pictures.Holds(_picture[row])) _pools.Pictures.Add(sha256, await files.ReadAsync(item, cancellation));
    }
}
