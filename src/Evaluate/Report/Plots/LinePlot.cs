namespace LmmRec.Evaluate.Report.Plots;

/// <summary>A line of a <see cref="LinePlot"/>.</summary>
/// <param name="Title">what it is of</param>
/// <param name="Points">at least one, by ascending X</param>
/// <param name="Marked">the X of a point that gets a dot; null: none</param>
internal sealed record Line(string Title, IReadOnlyList<(double X, double Y)> Points, double? Marked = null);

/// <summary>Lines over one axis, such as a metric by epoch. They differ by colour and by dashes, so that they are told apart in print, too.</summary>
internal static class LinePlot
{
    /// <summary>Lines drawn: more than these are hard to tell apart.</summary>
    public const int MostLines = 5;

    private const int Width = 960, Height = 300, Left = 56, Right = Width - 12, Top = 14, Bottom = Height - 44;

    /// <param name="what">what the lines show, for those who do not see them</param>
    /// <param name="across">what the horizontal axis is</param>
    /// <param name="lines">at least one; those after the first <see cref="MostLines"/> are left out</param>
    public static Html Of(string what, string across, IReadOnlyList<Line> lines)
    {
        var shown = lines.Take(MostLines).ToList();
        var points = shown.SelectMany(line => line.Points).ToList();
        var x = Axis.Over(points.Min(p => p.X), points.Max(p => p.X), Left, Right, ticks: 8);
        var y = Axis.Over(Math.Min(0, points.Min(p => p.Y)), points.Max(p => p.Y), Bottom, Top, ticks: 5);
        return Html.Of($"""
            <ul class="legend lines">{shown.Select((line, i) => Html.Of($"""<li class="series{i}">{Dash()}{line.Title}</li>"""))}</ul>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{what}">
              {y.Ticks.Select(tick => Html.Of($"""
                <path class="grid" d="M{Left} {y.At(tick.Value)}H{Right}"/>
                <text class="tick" text-anchor="end" x="{Left - 8}" y="{y.At(tick.Value)}" dy="4">{tick.Label}</text>
                """))}
              {x.Ticks.Where(tick => tick.Value == Math.Floor(tick.Value)).Select(tick => Html.Of($"""
                <text class="tick" text-anchor="middle" x="{x.At(tick.Value)}" y="{Bottom + 18}">{tick.Value:0}</text>
                """))}
              <text class="tick" text-anchor="middle" x="{(Left + Right) / 2}" y="{Bottom + 36}">{across}</text>
              {shown.Select((line, i) => Drawn(line, i, x, y))}
            </svg>
            """);
    }

    private static Html Dash() => Html.Of($"""<svg class="dash" viewBox="0 0 30 8" aria-hidden="true"><path class="curve" d="M1 4H29"/></svg>""");

    private static Html Drawn(Line line, int series, Axis x, Axis y)
    {
        var path = string.Join('L', line.Points.Select(p => $"{x.At(p.X)} {y.At(p.Y)}"));
        // A line of one point is a dot.
        var dots = line.Points.Count == 1 ? line.Points : [.. line.Points.Where(p => p.X == line.Marked)];
        return Html.Of($"""
            <g class="series{series}"><title>{line.Title}</title><path class="curve" d="M{path}"/>
            {dots.Select(p => Html.Of($"""<circle cx="{x.At(p.X)}" cy="{y.At(p.Y)}" r="4.5"/>"""))}</g>
            """);
    }
}
