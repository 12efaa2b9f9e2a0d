using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report;

/// <summary>The means of all cases, best first: the best of each column in bold, beside the others the p-value against it.</summary>
internal static class ResultTable
{
    public static Html Of(Evaluation evaluation)
    {
        var columns = evaluation.Cases[0].Test.Columns
            .Select(c => new Column(c.Metric, c.Cutoff, evaluation.Cases.MaxBy(row => row.Test.Mean(c.Metric, c.Cutoff))!)).ToList();
        return Html.Of($"""
            <div class="scroll"><table class="results">
            {Head.Of(["Case"], columns.Select(column => column.Name))}
            <tbody>
            {evaluation.Cases.Select(row => Html.Of($"""
                <tr><th scope="row">{row.Case.Title}<small>{row.Case.Name}</small></th>
                {columns.Select(column => Cell(evaluation.Tests, row, column))}</tr>
                """))}
            </tbody>
            </table></div>
            """);
    }

    private static Html Cell(IReadOnlyList<TestRow> tests, MeasuredCase row, Column column)
    {
        var mean = column.MeanOf(row);
        if (mean == column.MeanOf(column.Best)) return Html.Of($"""<td class="number"><b>{mean:F4}</b></td>""");
        if (tests.FirstOrDefault(test => column.IsTestAgainstBest(test, row)) is not { } test) return Html.Of($"""<td class="number">{mean:F4}</td>""");
        var mark = Html.If(test.PHolm < Numbers.Significance, $"""<sup class="mark">*</sup>""");
        return Html.Of($"""<td class="number">{mean:F4}{mark}<small>{Numbers.P(test.PHolm)}</small></td>""");
    }

    /// <summary>A metric at a cut-off and the case that is best in it.</summary>
    private sealed record Column(RankingMetric Metric, int Cutoff, MeasuredCase Best)
    {
        public string Name => MetricNames.Display(Metric.InTables(), Cutoff);

        public double MeanOf(MeasuredCase row) => row.Test.Mean(Metric, Cutoff);

        public bool IsTestAgainstBest(TestRow test, MeasuredCase row) =>
            test.Metric == Metric.InTables() && test.Cutoff == Cutoff && test.IsBetween(row.Case.Name, Best.Case.Name);
    }
}
