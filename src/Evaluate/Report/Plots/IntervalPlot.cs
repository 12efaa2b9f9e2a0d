using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report.Plots;

/// <summary>The mean of each case with its 95 % confidence interval over users: one panel per metric and cut-off, one line per case.</summary>
internal static class IntervalPlot
{
    /// <summary>Cases drawn: more lines than these are no picture any more.</summary>
    public const int MostCases = 20;

    private const int PanelsInARow = 4, Width = 960, LineHeight = 30, Top = 30, Bottom = 26, Gap = 24;

    // Whiskers keep off the panel's edges by this share of its range.
    private const double Margin = 0.06;

    /// <param name="cases">best first; those after the first <see cref="MostCases"/> are left out</param>
    public static Html Of(IReadOnlyList<MeasuredCase> cases)
    {
        var shown = cases.Take(MostCases).ToList();
        return Html.Of($"{shown[0].Test.Columns.Chunk(PanelsInARow).Select(columns => Row(shown, columns))}");
    }

    private static Html Row(List<MeasuredCase> cases, (RankingMetric Metric, int Cutoff)[] columns)
    {
        var labels = CaseLabel.Width(cases.Select(c => c.Case.Title));
        var bottom = Top + cases.Count * LineHeight;
        var panel = (Width - labels) / (double)columns.Length;
        return Html.Of($"""
            <svg viewBox="0 0 {Width} {bottom + Bottom}" role="img" aria-label="Mean of each case with 95 % confidence interval">
              {cases.Select((c, line) => CaseLabel.Of(c.Case.Title, labels - Gap / 2, Middle(line)))}
              {columns.Select((column, i) => Panel(cases, column, labels + i * panel, labels + (i + 1) * panel - Gap, bottom))}
            </svg>
            """);
    }

    private static Html Panel(List<MeasuredCase> cases, (RankingMetric Metric, int Cutoff) column, double left, double right, int bottom)
    {
        var intervals = cases.ConvertAll(c => MeanInterval.Of(c.Test[column.Metric, column.Cutoff]));
        var (low, high) = (intervals.Min(i => i.Low), intervals.Max(i => i.High));
        var axis = Axis.Over(low - Margin * (high - low), high + Margin * (high - low), left, right, ticks: 4);
        var best = intervals.Max(i => i.Mean);
        return Html.Of($"""
            <text class="panel" x="{Axis.Pixel(left)}" y="16">{MetricNames.Display(column.Metric.InTables(), column.Cutoff)}</text>
            {axis.Ticks.Select(tick => Html.Of($"""
                <path class="grid" d="M{axis.At(tick.Value)} {Top}V{bottom}"/>
                <text class="tick" text-anchor="middle" x="{axis.At(tick.Value)}" y="{bottom + 16}">{tick.Label}</text>
                """))}
            {intervals.Select((interval, line) => Html.Of($"""
                <g class="{(interval.Mean == best ? "best" : "other")}"><title>{cases[line].Case.Title}: {interval}</title>
                <path class="whisker" d="M{axis.At(interval.Low)} {Middle(line)}H{axis.At(interval.High)}"/>
                <circle cx="{axis.At(interval.Mean)}" cy="{Middle(line)}" r="4.5"/></g>
                """))}
            """);
    }

    private static int Middle(int line) => Top + line * LineHeight + LineHeight / 2;
}
