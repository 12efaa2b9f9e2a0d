using LmmRec.Evaluate.Report.Plots;

namespace LmmRec.Evaluate.Report.Items;

/// <summary>An <see cref="ItemMap"/>: a dot per item, coloured by category, and pictures of some items that lie apart.</summary>
internal static class MapPlot
{
    /// <summary>Pictures on a map, and pixels that they are apart at least.</summary>
    public const int MostPictures = 40, Apart = 40;

    private const int Width = 480, Height = 400, Margin = 22, PictureSide = 30, Frame = PictureSide + 4;

    /// <summary>Items whose pictures the map shows, if they have one.</summary>
    public static IReadOnlyList<int> Pictured(ItemMap map, Func<int, bool> hasPicture)
    {
        var chosen = new List<(int Item, double X, double Y)>();
        foreach (var place in Placed(map))
        {
            if (chosen.Count == MostPictures) break;
            if (hasPicture(place.Item) && chosen.TrueForAll(other => Math.Max(Math.Abs(other.X - place.X), Math.Abs(other.Y - place.Y)) >= Apart)) chosen.Add(place);
        }
        return [.. chosen.Select(place => place.Item)];
    }

    /// <param name="encoder">whose vectors these are</param>
    /// <param name="map">the items</param>
    /// <param name="categories">their colours</param>
    /// <param name="pictures">their pictures, those of <see cref="Pictured"/></param>
    public static Html Of(string encoder, ItemMap map, ItemCategories categories, Thumbnails pictures)
    {
        var placed = Placed(map).ToList();
        var pictured = Pictured(map, pictures.Has).ToHashSet();
        return Html.Of($"""
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="Map of the item vectors of {encoder}: {map.Points.Count:N0} items">
              {placed.GroupBy(p => categories.Of(p.Item)).OrderBy(group => group.Key).Select(group => Html.Of($"""
                <path class="dots {Style(group.Key)}" d="{string.Concat(group.Select(p => $"M{Axis.Pixel(Math.Round(p.X, 1))} {Axis.Pixel(Math.Round(p.Y, 1))}h0"))}"/>
                """))}
              {placed.Where(p => pictured.Contains(p.Item)).Select(p => Html.Of($"""
                <rect class="{Style(categories.Of(p.Item))}" x="{Axis.Pixel(p.X - Frame / 2.0)}" y="{Axis.Pixel(p.Y - Frame / 2.0)}" width="{Frame}" height="{Frame}" rx="4"/>{pictures.At(p.Item, p.X, p.Y, PictureSide)}
                """))}
            </svg>
            """);
    }

    /// <summary>The name of a category's colour.</summary>
    public static string Style(int category) => category < 0 ? "rest" : FormattableString.Invariant($"series{category}");

    // Both directions have the same scale: distances on the map are those on the plane.
    private static IEnumerable<(int Item, double X, double Y)> Placed(ItemMap map)
    {
        var (left, right) = (map.Points.Min(p => p.X), map.Points.Max(p => p.X));
        var (low, high) = (map.Points.Min(p => p.Y), map.Points.Max(p => p.Y));
        var scale = Math.Min((Width - 2 * Margin) / Math.Max(right - left, double.Epsilon), (Height - 2 * Margin) / Math.Max(high - low, double.Epsilon));
        return map.Points.Select(p => (p.Item, Width / 2.0 + (p.X - (left + right) / 2) * scale, Height / 2.0 - (p.Y - (low + high) / 2) * scale));
    }
}
