using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Report.Items;

/// <summary>The nearest items of some items, a column per encoder.</summary>
internal static class NeighbourTable
{
    private const int LongestTitle = 60;

    /// <param name="gallery">items and encoders</param>
    /// <param name="catalogue">the items' titles</param>
    public static Html Of(ItemGallery gallery, IReadOnlyList<ItemRow> catalogue)
    {
        return Html.Of($"""
            <table class="neighbours">
            {Head.Of(["Item", .. gallery.Encoders.Select(encoder => encoder.Encoder)], [])}
            <tbody>{gallery.Asked.Select(item => Html.Of($"""
                <tr><th scope="row">{gallery.Pictures.Show(item)}{TitleOf(catalogue[item])}</th>{gallery.Encoders.Select(encoder => Cell(encoder, item))}</tr>
                """))}</tbody>
            </table>
            """);

        Html Cell(EncodedItems encoder, int item) => !encoder.Nearest.TryGetValue(item, out var nearest)
            ? Html.Of($"<td>no vector</td>")
            : Html.Of($"""
                <td><ol>{nearest.Select(other => Html.Of($"""
                <li>{gallery.Pictures.Show(other.Item)}<span>{TitleOf(catalogue[other.Item])} <small>{other.Cosine:F2}</small></span></li>
                """))}</ol></td>
                """);
    }

    private static string TitleOf(ItemRow item) => Short.Of(string.IsNullOrWhiteSpace(item.Title) ? item.ItemId : item.Title, LongestTitle);
}
