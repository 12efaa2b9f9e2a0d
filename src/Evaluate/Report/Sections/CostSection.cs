namespace LmmRec.Evaluate.Report.Sections;

/// <summary>Time and memory: of the encoders' features, and of each case.</summary>
internal static class CostSection
{
    public static Html Of(Evaluation evaluation, Costs costs)
    {
        var rows = evaluation.Folders.Features.OrderBy(encoder => encoder.Key, StringComparer.Ordinal)
            .Select(encoder => (Title: encoder.Key, What: "features", Cost: costs.Of(encoder.Value), Measured: ((double?)null, (long?)null)))
            .Concat(evaluation.Cases.Where(c => c.Case.IsTrained).Select(c => (c.Case.Title, What: "training", Cost: costs.Of(c.ModelFolder), Measured: costs.Of(c.EvaluationFolder))))
            .Where(row => row.Cost.Seconds is not null).ToList();
        return Html.If(rows.Count > 0, $"""
            {Frame.Of("Time and memory", Html.Of($"""
                <table>
                {Head.Of(["What", "Step"], ["Time", "Peak memory", "Time to measure"])}
                <tbody>{rows.Select(row => Html.Of($"""
                    <tr><th scope="row">{row.Title}</th><td>{row.What}</td><td class="number cost">{Costs.Seconds(row.Cost.Seconds)}</td>
                    <td class="number cost">{Costs.Megabytes(row.Cost.Megabytes)}</td><td class="number cost">{Costs.Seconds(row.Measured.Item1)}</td></tr>
                    """))}</tbody>
                </table>
                """), rows.Count > 15 ? "tall" : "")}
            <p class="note">As the steps took on the machine that ran them; all else in this page is the same on every run, but for what steps that failed say. Memory is the most
            that the process held while the step ran, steps that ran beside it included.</p>
            """);
    }
}
