using LmmRec.Artifacts.Tables;
using LmmRec.Encoders.Images;
using LmmRec.Evaluate.Report.Plots;

namespace LmmRec.Evaluate.Report.Items;

/// <summary>Small pictures of items. Each is in the page once, however often it is shown.</summary>
internal sealed class Thumbnails
{
    private const int Side = 64;

    private readonly string _prefix;
    private readonly SortedDictionary<int, byte[]> _files = [];

    private Thumbnails(string prefix) => _prefix = prefix;

    /// <summary>The pictures themselves, to stand once in the page before they are shown.</summary>
    public Html Definitions => Html.If(_files.Count > 0, $"""
        <svg class="definitions" aria-hidden="true">{_files.Select(file => Html.Of($"""
        <symbol id="{IdOf(file.Key)}" viewBox="0 0 {Side} {Side}"><image width="{Side}" height="{Side}" href="data:image/jpeg;base64,{Convert.ToBase64String(file.Value)}"/></symbol>
        """))}</svg>
        """);

    public bool Has(int item) => _files.ContainsKey(item);

    /// <summary>An item's picture in a text; nothing where there is none. Its title stands beside it, so it has no text of its own.</summary>
    public Html Show(int item) => Html.If(Has(item), $"""<svg class="thumbnail" viewBox="0 0 {Side} {Side}" aria-hidden="true"><use href="#{IdOf(item)}"/></svg>""");

    /// <summary>An item's picture in a drawing, around a point.</summary>
    public Html At(int item, double x, double y, int side) => Html.Of($"""
        <use href="#{IdOf(item)}" x="{Axis.Pixel(x - side / 2.0)}" y="{Axis.Pixel(y - side / 2.0)}" width="{side}" height="{side}"/>
        """);

    /// <summary>Makes the small pictures of items; one that cannot be decoded has none.</summary>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="items">items with a picture, those that matter most first</param>
    /// <param name="most">bytes that all files may take; what comes after is left out</param>
    /// <param name="prefix">begins the names of the pictures in the page, for each data set another</param>
    /// <param name="cancellation">ends the reading</param>
    public static async Task<Thumbnails> ReadAsync(string ingest, IReadOnlyList<CatalogueItem> items, int most, string prefix, CancellationToken cancellation)
    {
        var thumbnails = new Thumbnails(prefix);
        var pictures = new CataloguePictures(ingest);
        foreach (var item in items.OrderBy(item => item.Item)) // the order in which they are read fastest
            if (Thumbnail.Of(await pictures.ReadAsync(item, cancellation), Side) is { } file) thumbnails._files[item.Item] = file;
        var bytes = 0;
        foreach (var item in items.Select(item => item.Item).Where(thumbnails.Has).ToList())
            if ((bytes += thumbnails._files[item].Length) > most) thumbnails._files.Remove(item);
        return thumbnails;
    }

    private string IdOf(int item) => FormattableString.Invariant($"{_prefix}{item}");
}
