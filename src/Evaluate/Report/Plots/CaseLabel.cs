namespace LmmRec.Evaluate.Report.Plots;

/// <summary>The title of a case in a plot.</summary>
internal static class CaseLabel
{
    // Without the browser's fonts at hand the width of a text is estimated, on the wide side.
    private const double CharacterWidth = 7.2;
    private const int LongestText = 34;

    /// <summary>Pixels that <paramref name="titles"/> need, with some room to the right.</summary>
    public static int Width(IEnumerable<string> titles) => 24 + (int)(CharacterWidth * titles.Max(title => Short(title).Length));

    /// <summary>A title that is not too long for a plot.</summary>
    public static string Short(string title) => Report.Short.Of(title, LongestText);

    /// <summary>A title beside pixel <paramref name="x"/>; one too long is cut and whole in its tooltip.</summary>
    /// <param name="title">the title</param>
    /// <param name="x">pixel that it ends at, or begins at</param>
    /// <param name="middle">pixel that its middle is at</param>
    /// <param name="anchor"><c>end</c> or <c>start</c></param>
    public static Html Of(string title, int x, int middle, string anchor = "end") =>
        Html.Of($"""<text text-anchor="{anchor}" x="{x}" y="{middle + 4}">{Short(title)}{Html.If(Short(title) != title, $"<title>{title}</title>")}</text>""");
}
