using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report.Plots;

/// <summary>A metric of the best cases by how many training items a user has: who gains from a model.</summary>
internal static class ActivityPlot
{
    /// <summary>Cases drawn: more colours than these are hard to tell apart.</summary>
    public const int MostCases = 5;

    private const int Width = 960, Height = 280, Left = 56, Top = 14, Bottom = Height - 44;

    /// <param name="data">for the number of training items of each user</param>
    /// <param name="cases">best first; those after the first <see cref="MostCases"/> are left out</param>
    /// <param name="metric">what is drawn</param>
    /// <param name="cutoff">its cut-off</param>
    public static Html Of(HeldOutData data, IReadOnlyList<MeasuredCase> cases, RankingMetric metric, int cutoff)
    {
        var shown = cases.Take(MostCases).ToList();
        var groups = CountGroup.Split([.. shown[0].Test.Users.Select(user => data[Splits.Train][user].Length)]);
        var intervals = shown.ConvertAll(c => Intervals(c.Test[metric, cutoff], groups)); // [cases][groups]
        var axis = Axis.Over(0, intervals.Max(line => line.Max(i => i.High)), Bottom, Top, ticks: 5);
        var slot = (Width - Left) / (double)groups.Count;
        var marks =
            from g in Enumerable.Range(0, groups.Count)
            from c in Enumerable.Range(0, shown.Count)
            let x = Left + (g + (c + 1.0) / (shown.Count + 1)) * slot
            select Mark(axis, x, intervals[c][g], c, $"{shown[c].Case.Title}, {LabelOf(groups[g])}");
        return Html.Of($"""
            <ul class="legend">{shown.Select((c, i) => Html.Of($"""<li class="series{i}">{c.Case.Title}</li>"""))}</ul>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{MetricNames.Display(metric.InTables(), cutoff)} by number of training items">
              {axis.Ticks.Select(tick => Html.Of($"""
                <path class="grid" d="M{Left} {axis.At(tick.Value)}H{Width}"/>
                <text class="tick" text-anchor="end" x="{Left - 8}" y="{axis.At(tick.Value)}" dy="4">{tick.Label}</text>
                """))}
              {groups.Select((group, g) => Label(group, Left + (g + 0.5) * slot))}
              {marks}
            </svg>
            """);
    }

    private static List<MeanInterval> Intervals(double[] values, IReadOnlyList<CountGroup> groups) =>
        [.. groups.Select(group => MeanInterval.Of([.. group.Positions.Select(position => values[position])]))];

    private static Html Label(CountGroup group, double x)
    {
        var users = group.Positions.Count;
        return Html.Of($"""
            <text text-anchor="middle" x="{Axis.Pixel(x)}" y="{Bottom + 20}">{LabelOf(group)}</text>
            <text class="tick" text-anchor="middle" x="{Axis.Pixel(x)}" y="{Bottom + 36}">{users:N0} {(users == 1 ? "user" : "users")}</text>
            """);
    }

    private static string LabelOf(CountGroup group) => group.First == group.Last
        ? $"{group.First} training {(group.First == 1 ? "item" : "items")}" : $"{group.First} to {group.Last} training items";

    private static Html Mark(Axis axis, double x, MeanInterval interval, int series, string what) => Html.Of($"""
        <g class="series{series}"><title>{what}: {interval}</title>
        <path class="whisker" d="M{Axis.Pixel(x)} {axis.At(Math.Max(0, interval.Low))}V{axis.At(interval.High)}"/>
        <circle cx="{Axis.Pixel(x)}" cy="{axis.At(interval.Mean)}" r="4.5"/></g>
        """);
}
