namespace LmmRec.Evaluate.Report.Plots;

/// <summary>The title of a case in a plot.</summary>
internal static class CaseLabel
{
    // Without the browser's fonts at hand the width of a text is estimated, on the wide side.
    private const double CharacterWidth = 7.2;
    private const int LongestLine = 34, LineHeight = 14;

    /// <summary>Pixels that <paramref name="titles"/> need, with some room to the right.</summary>
    public static int Width(IEnumerable<string> titles) => 24 + (int)(CharacterWidth * titles.SelectMany(Lines).Max(line => line.Length));

    /// <summary>A title beside pixel <paramref name="x"/>, in one line or two; one too long even for that is cut and whole in its tooltip.</summary>
    /// <param name="title">the title</param>
    /// <param name="x">pixel that it ends at, or begins at</param>
    /// <param name="middle">pixel that its middle is at</param>
    /// <param name="anchor"><c>end</c> or <c>start</c></param>
    public static Html Of(string title, int x, int middle, string anchor = "end")
    {
        var lines = Lines(title);
        var first = middle + 4 - (lines.Count - 1) * LineHeight / 2;
        return Html.Of($"""
            <text text-anchor="{anchor}">{lines.Select((line, i) => Html.Of($"""<tspan x="{x}" y="{first + i * LineHeight}">{line}</tspan>"""))}{Html.If(string.Join(' ', lines) != title, $"<title>{title}</title>")}</text>
            """);
    }

    // The end of a title, such as the seed, may be all that tells two cases apart, so it is not the first to go.
    private static IReadOnlyList<string> Lines(string title)
    {
        var space = title.Length <= LongestLine ? -1 : title.LastIndexOf(' ', LongestLine);
        return space < 0 ? [Short.Of(title, LongestLine)] : [title[..space], Short.Of(title[(space + 1)..], LongestLine)];
    }
}
