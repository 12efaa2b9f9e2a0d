using System.Text;

namespace LmmRec.Evaluate.Report.Plots;

/// <summary>Two cases, user by user.</summary>
/// <param name="A">title of the first</param>
/// <param name="B">title of the second</param>
/// <param name="Differences">of each user, A − B</param>
internal sealed record UserDifferences(string A, string B, IReadOnlyList<double> Differences)
{
    /// <summary>The share of users for whom a difference <paramref name="holds"/>.</summary>
    public double Share(Func<double, bool> holds) => (double)Differences.Count(holds) / Differences.Count;
}

/// <summary>
/// The differences of two cases over users, sorted: what stands above the line is what users gain, what hangs below is what others lose. A mean alone
/// does not show whether many gain little or few gain much.
/// </summary>
internal static class DifferencePlot
{
    private const int Width = 960, Height = 250, Left = 48, Top = 50, Bottom = Height - 40, Gap = 40, LongestTitle = 50;

    // Steps finer than this share of a pixel are not seen.
    private const double Finest = 0.5;

    /// <param name="metric">what the differences are of, such as <c>Recall@20</c></param>
    /// <param name="pairs">at least one; side by side</param>
    public static Html Of(string metric, IReadOnlyList<UserDifferences> pairs)
    {
        var extent = pairs.Max(pair => pair.Differences.Max(Math.Abs));
        var y = Axis.Over(-extent, extent, Bottom, Top, ticks: 4);
        var panel = (Width - Left) / (double)pairs.Count;
        return Html.Of($"""
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="Differences in {metric} by user, sorted: {string.Join("; ", pairs.Select(Words))}">
              {y.Ticks.Select(tick => Html.Of($"""<text class="tick" text-anchor="end" x="{Left - 8}" y="{y.At(tick.Value)}" dy="4">{tick.Label}</text>"""))}
              {pairs.Select((pair, i) => Panel(pair, y, Left + i * panel, Left + (i + 1) * panel - (i + 1 == pairs.Count ? 0 : Gap)))}
            </svg>
            """);
    }

    private static string Words(UserDifferences pair) =>
        $"{pair.A} is better than {pair.B} for {Numbers.Percent(pair.Share(d => d > 0))} of the users and worse for {Numbers.Percent(pair.Share(d => d < 0))}";

    private static Html Panel(UserDifferences pair, Axis y, double left, double right)
    {
        var sorted = pair.Differences.OrderDescending().ToList();
        var x = Axis.Over(0, sorted.Count, left, right, ticks: 4);
        return Html.Of($"""
            <text class="panel" x="{Axis.Pixel(left)}" y="16">{Short.Of(pair.A, LongestTitle)}</text>
            <text class="tick" x="{Axis.Pixel(left)}" y="34">against {Short.Of(pair.B, LongestTitle)}</text>
            {y.Ticks.Select(tick => Html.Of($"""<path class="grid" d="M{Axis.Pixel(left)} {y.At(tick.Value)}H{Axis.Pixel(right)}"/>"""))}
            <path class="gain" d="{Steps(sorted, 0, sorted.Count(d => d > 0), x, y)}"/>
            <path class="loss" d="{Steps(sorted, sorted.Count(d => d >= 0), sorted.Count, x, y)}"/>
            <text class="tick" x="{Axis.Pixel(left)}" y="{Bottom + 18}">better for {Numbers.Percent(pair.Share(d => d > 0))}</text>
            <text class="tick" text-anchor="middle" x="{Axis.Pixel((left + right) / 2)}" y="{Bottom + 18}">equal for {Numbers.Percent(pair.Share(d => d == 0))}</text>
            <text class="tick" text-anchor="end" x="{Axis.Pixel(right)}" y="{Bottom + 18}">worse for {Numbers.Percent(pair.Share(d => d < 0))}</text>
            """);
    }

    // The area between the line of no difference and users first … end − 1; users whose steps are too fine to see are drawn as one.
    private static string Steps(List<double> sorted, int first, int end, Axis x, Axis y)
    {
        if (first == end) return "";
        var pixel = (y.High - y.Low) / Math.Abs(y.From - y.To) * Finest;
        var path = new StringBuilder($"M{x.At(first)} {y.At(0)}V{y.At(sorted[first])}");
        var drawn = sorted[first];
        for (var user = first + 1; user < end; user++)
        {
            if (drawn - sorted[user] < pixel) continue;
            drawn = sorted[user];
            path.Append($"H{x.At(user)}V{y.At(drawn)}");
        }
        return path.Append($"H{x.At(end)}V{y.At(0)}Z").ToString();
    }
}
