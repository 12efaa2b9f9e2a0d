using LmmRec.Evaluate.Report.Items;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>The items as the encoders see them; nothing where no features are here.</summary>
internal static class ItemSections
{
    /// <summary>A map of the item vectors of each encoder.</summary>
    public static Html Maps(ItemGallery gallery)
    {
        var maps = gallery.Encoders.Where(encoder => encoder.Map is not null).ToList();
        var names = gallery.Categories.Names;
        return Html.If(maps.Count > 0, $"""
            {Html.If(names.Count > 0, $"""
                <ul class="legend">{names.Select((name, i) => Html.Of($"""<li class="{MapPlot.Style(i)}">{name}</li>"""))}<li class="{MapPlot.Style(-1)}">other or none</li></ul>
                """)}
            <div class="maps">{maps.Select(encoder => Html.Of($"""
                <figure>{MapPlot.Of(encoder.Encoder, encoder.Map!, gallery.Categories, gallery.Pictures)}
                <figcaption class="note"><b>{encoder.Encoder}</b>: {encoder.Map!.Points.Count:N0} of {encoder.Items:N0} items with a vector; the plane shows {Numbers.Percent(encoder.Map.Share)} of the variance</figcaption></figure>
                """))}</div>
            <p class="note">Each dot is an item; near ones have similar vectors. A vector is that of the picture and that of the text, each of length 1, one after the other; the plane
            is that of the first two principal components{Html.If(gallery.Left > 0, $". {gallery.Left} more encoders are left out")}.</p>
            """);
    }

    /// <summary>The nearest items of some items, encoders side by side.</summary>
    public static Html Nearest(Evaluation evaluation, ItemGallery gallery) => Html.If(gallery.Encoders.Count > 0 && gallery.Asked.Count > 0, $"""
        {Frame.Of("Nearest items", NeighbourTable.Of(gallery, evaluation.Data.Catalogue))}
        <p class="note">For some items that many users have, the {Neighbour.Kept} nearest of each encoder, with the cosine of the angle between the vectors. Cosines of different
        encoders do not compare.</p>
        """);
}
