using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>
/// The means of all cases, best first: the best of each column in bold, beside the others the p-value against it, and raised the letters of the cases that
/// each is significantly better than.
/// </summary>
internal static class ResultTable
{
    /// <summary>Beyond so many cases there are no letters, and rows of them say little.</summary>
    private const int MostLetters = 26;

    public static Html Of(Evaluation evaluation)
    {
        var columns = evaluation.Cases[0].Test.Columns
            .Select(c => new Column(c.Metric, c.Cutoff, evaluation.Cases.MaxBy(row => row.Test.Mean(c.Metric, c.Cutoff))!, [.. evaluation.TestsBy(c)])).ToList();
        var letters = HasLetters(evaluation) ? evaluation.Cases.Index().ToDictionary(c => c.Item.Case.Name, c => $"{(char)('a' + c.Index)}") : [];
        return Html.Of($"""
            {Frame.Of("Results", Html.Of($"""
            <table class="results">
            {Head.Of(["Case"], columns.Select(column => column.Name))}
            <tbody>
            {evaluation.Cases.Select(row => Html.Of($"""
                <tr><th scope="row">{row.Case.Title}<small>{row.Case.Name}{Html.If(letters.Count > 0, $" ·&#160;<b>{letters.GetValueOrDefault(row.Case.Name)}</b>")}</small></th>
                {columns.Select(column => Cell(evaluation, row, column, letters))}</tr>
                """))}
            </tbody>
            </table>
            """))}
            """);
    }

    /// <summary>Whether the rows have letters.</summary>
    public static bool HasLetters(Evaluation evaluation) => evaluation.Tests.Count > 0 && evaluation.Cases.Count <= MostLetters;

    private static Html Cell(Evaluation evaluation, MeasuredCase row, Column column, Dictionary<string, string> letters)
    {
        var mean = column.MeanOf(row);
        var beaten = Html.If(letters.Count > 0, $"<sup>{string.Concat(column.BeatenBy(row).Select(name => letters.GetValueOrDefault(name)).Order())}</sup>");
        if (mean == column.MeanOf(column.Best)) return Html.Of($"""<td class="number"><b>{mean:F4}</b>{beaten}</td>""");
        if (evaluation.TestOf(row, column.Best, (column.Metric, column.Cutoff)) is not { } test) return Html.Of($"""<td class="number">{mean:F4}</td>""");
        var mark = Html.If(test.PHolm < PairwiseTests.Level, $"""<sup class="mark">*</sup>""");
        return Html.Of($"""<td class="number">{mean:F4}{mark}{beaten}<small>{Numbers.P(test.PHolm)}</small></td>""");
    }

    /// <summary>A metric at a cut-off, the case that is best in it, and its tests.</summary>
    private sealed record Column(RankingMetric Metric, int Cutoff, MeasuredCase Best, List<TestRow> Tests)
    {
        public string Name => MetricNames.Display(Metric.InTables(), Cutoff);

        public double MeanOf(MeasuredCase row) => row.Test.Mean(Metric, Cutoff);

        public IEnumerable<string> BeatenBy(MeasuredCase row) => Tests.Where(test => test.PHolm < PairwiseTests.Level).Select(test =>
            test.CaseA == row.Case.Name && test.Difference > 0 ? test.CaseB : test.CaseB == row.Case.Name && test.Difference < 0 ? test.CaseA : null).OfType<string>();
    }
}
