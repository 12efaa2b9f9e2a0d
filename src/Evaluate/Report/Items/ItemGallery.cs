using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report.Items;

/// <summary>The items of a data set as its encoders see them: maps, neighbours, and small pictures for both.</summary>
/// <param name="Encoders">the encoders whose features are there, by name; at most <see cref="MostEncoders"/></param>
/// <param name="Left">encoders that are there and not shown</param>
/// <param name="Asked">items whose neighbours are shown; none where nothing would tell a reader what an item is</param>
/// <param name="Categories">the colours</param>
/// <param name="Pictures">the pictures</param>
internal sealed record ItemGallery(IReadOnlyList<EncodedItems> Encoders, int Left, IReadOnlyList<int> Asked, ItemCategories Categories, Thumbnails Pictures)
{
    /// <summary>Encoders shown.</summary>
    public const int MostEncoders = 6;

    private const int MostAsked = 5;

    /// <summary>Reads what is there; a folder without a finished artifact is passed over.</summary>
    /// <param name="evaluation">users, items, and where the artifacts lie</param>
    /// <param name="pictureBytes">bytes that all small pictures may take</param>
    /// <param name="prefix">begins the names of the pictures in the page</param>
    /// <param name="cancellation">ends the reading</param>
    public static async Task<ItemGallery> ReadAsync(
        Evaluation evaluation, int pictureBytes, string prefix, CancellationToken cancellation)
    {
        var (data, ingest) = (evaluation.Data, evaluation.Folders.Ingest);
        var categories = new ItemCategories(data.Catalogue);
        var asked = Ask(data, categories);
        var encoders = new List<EncodedItems>();
        var there = evaluation.Folders.Features.Values.Where(folder => Manifest.TryRead(folder) is not null).Order(StringComparer.Ordinal).ToList();
        foreach (var folder in there.Take(MostEncoders))
            encoders.Add(await EncodedItems.ReadAsync(folder, data.Items.Count, asked, cancellation));
        var pictured = await PicturedAsync(ingest, cancellation);
        List<int> shown =
        [
            .. encoders.Count > 0 ? asked : [],
            .. encoders.SelectMany(encoder => encoder.Nearest.Values).SelectMany(nearest => nearest).Select(other => other.Item),
            .. encoders.Select(encoder => encoder.Map).OfType<ItemMap>().SelectMany(map => MapPlot.Pictured(map, pictured.ContainsKey)),
        ];
        var pictures = await Thumbnails.ReadAsync(ingest, [.. shown.Distinct().Where(pictured.ContainsKey).Select(item => pictured[item])], pictureBytes, prefix, cancellation);
        return new ItemGallery(encoders, there.Count - encoders.Count, asked, categories, pictures);
    }

    // What most users have, of each category first: readers know such items best.
    private static List<int> Ask(HeldOutData data, ItemCategories categories)
    {
        var users = new int[data.Items.Count];
        foreach (var (_, item) in data[Splits.Train].Pairs()) users[item]++;
        var titled = Enumerable.Range(0, users.Length).Where(item => !string.IsNullOrWhiteSpace(data.Catalogue[item].Title)).OrderByDescending(item => users[item]).ToList();
        return [.. titled.DistinctBy(categories.Of).Where(item => categories.Of(item) >= 0 || categories.Names.Count == 0).Concat(titled).Distinct().Take(MostAsked)];
    }

    private static async Task<Dictionary<int, CatalogueItem>> PicturedAsync(string ingest, CancellationToken cancellation)
    {
        var pictured = new Dictionary<int, CatalogueItem>();
        if (!File.Exists(TableFile.PathOf<PictureRow>(ingest))) return pictured;
        await foreach (var item in CatalogueItem.ReadAsync(ingest, cancellation))
            if (item.Picture is not null) pictured[item.Item] = item;
        return pictured;
    }
}
