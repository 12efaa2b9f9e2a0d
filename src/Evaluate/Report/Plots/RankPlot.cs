namespace LmmRec.Evaluate.Report.Plots;

/// <summary>
/// A critical-difference diagram: cases along an axis of mean ranks, the best at the left, and bars that join those of which no two are shown to differ.
/// </summary>
internal static class RankPlot
{
    /// <summary>Cases drawn: more names than these are no picture any more.</summary>
    public const int MostCases = 20;

    private const int Width = 960, AxisY = 40, BarHeight = 9, LineHeight = 30, Elbow = 10;

    /// <param name="titles">of each case</param>
    /// <param name="ranks">mean rank of each case</param>
    /// <param name="differ">whether two cases are shown to differ, by their places in the lists</param>
    public static Html Of(IReadOnlyList<string> titles, IReadOnlyList<double> ranks, Func<int, int, bool> differ)
    {
        var order = Enumerable.Range(0, ranks.Count).OrderBy(c => ranks[c]).Take(MostCases).ToList();
        var labels = CaseLabel.Width(order.Select(c => titles[c]));
        var axis = Axis.Over(ranks[order[0]], ranks[order[^1]], labels + Elbow, Width - labels - Elbow, ticks: 6);
        var bars = Alike(order, differ);
        var lines = AxisY + (bars.Count + 1) * BarHeight + LineHeight / 2;
        var left = (order.Count + 1) / 2; // names of the better half stand at the left
        return Html.Of($"""
            <svg viewBox="0 0 {Width} {lines + left * LineHeight}" role="img" aria-label="Mean ranks of the cases over users: {string.Join(", ", order.Select(c => FormattableString.Invariant($"{titles[c]} {ranks[c]:F2}")))}">
              <path class="axis" d="M{axis.At(axis.Low)} {AxisY}H{axis.At(axis.High)}"/>
              {axis.Ticks.Select(tick => Html.Of($"""
                <path class="axis" d="M{axis.At(tick.Value)} {AxisY}v-6"/>
                <text class="tick" text-anchor="middle" x="{axis.At(tick.Value)}" y="{AxisY - 12}">{tick.Label}</text>
                """))}
              {order.Select((c, place) => place < left
                ? Name(titles[c], ranks[c], axis.At(ranks[c]), labels, "end", lines + place * LineHeight)
                : Name(titles[c], ranks[c], axis.At(ranks[c]), Width - labels, "start", lines + (order.Count - 1 - place) * LineHeight))}
              {bars.Select((bar, i) => Html.Of($"""
                <path class="bar" d="M{axis.At(ranks[order[bar.First]])} {AxisY + (i + 1) * BarHeight}H{axis.At(ranks[order[bar.Last]])}"/>
                """))}
            </svg>
            """);
    }

    /// <summary>The longest runs of cases, in order, of which no two differ; a run within another is left out, and so are single cases.</summary>
    public static IReadOnlyList<(int First, int Last)> Alike(IReadOnlyList<int> order, Func<int, int, bool> differ)
    {
        var runs = new List<(int First, int Last)>();
        for (var first = 0; first < order.Count; first++)
        {
            var last = first;
            while (last + 1 < order.Count && !Enumerable.Range(first, last + 1 - first).Any(c => differ(order[c], order[last + 1]))) last++;
            if (last > first && (runs.Count == 0 || last > runs[^1].Last)) runs.Add((first, last));
        }
        return runs;
    }

    private static Html Name(string title, double rank, string x, int edge, string anchor, int y) => Html.Of($"""
        <path class="leader" d="M{x} {AxisY}V{y}H{edge + (anchor == "end" ? -Elbow : Elbow)}"/>
        {CaseLabel.Of(title, edge + (anchor == "end" ? -Elbow - 6 : Elbow + 6), y, anchor)}
        """);
}
