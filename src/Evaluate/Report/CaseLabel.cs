using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report;

/// <summary>The title of a case at the left of a plot.</summary>
internal static class CaseLabel
{
    // Without the browser's fonts at hand the width of a text is estimated, on the wide side.
    private const double CharacterWidth = 7.2;
    private const int LongestText = 34;

    /// <summary>Pixels that the titles of <paramref name="cases"/> need, with some room to the right.</summary>
    public static int Width(IEnumerable<MeasuredCase> cases) =>
        24 + (int)(CharacterWidth * cases.Max(c => Math.Min(LongestText, c.Case.Title.Length)));

    /// <summary>A title that ends at pixel <paramref name="right"/>; one too long is cut and whole in its tooltip.</summary>
    public static Html Of(string title, int right, int middle)
    {
        var text = title.Length <= LongestText ? title : title[..(LongestText - 1)] + "…";
        return Html.Of($"""<text text-anchor="end" x="{right}" y="{middle + 4}">{text}<title>{title}</title></text>""");
    }
}
