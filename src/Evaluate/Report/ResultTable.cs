using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report;

/// <summary>The means of all cases: best of each column in bold, those significantly below it marked.</summary>
internal static class ResultTable
{
    public static Html Of(Evaluation evaluation) => Html.Of($"""
        <div class="scroll"><table class="results">
        <thead><tr><th scope="col">Case</th>{evaluation.Cases[0].Test.Columns.Select(c => Html.Of($"""<th scope="col" class="number">{MetricNames.Display(c.Metric.InTables(), c.Cutoff)}</th>"""))}</tr></thead>
        <tbody>{evaluation.Cases.Select(c => Row(evaluation, c))}</tbody>
        </table></div>
        """);

    private static Html Row(Evaluation evaluation, MeasuredCase row) => Html.Of($"""
        <tr><th scope="row">{row.Case.Name}<small>{Describe(row.Case)}</small></th>
        {row.Test.Columns.Select(column => Cell(evaluation, row, MeansOf(evaluation, column), column.Metric.InTables(), column.Cutoff, row.Test.Mean(column.Metric, column.Cutoff)))}</tr>
        """);

    private static List<(MeasuredCase Case, double Mean)> MeansOf(Evaluation evaluation, (Ranking.RankingMetric Metric, int Cutoff) column) =>
        [.. evaluation.Cases.Select(c => (c, c.Test.Mean(column.Metric, column.Cutoff)))];

    private static Html Cell(Evaluation evaluation, MeasuredCase row, List<(MeasuredCase Case, double Mean)> means, string metric, int cutoff, double mean)
    {
        var (best, highest) = means.MaxBy(m => m.Mean);
        if (mean == highest) return Html.Of($"""<td class="number"><b>{mean:F4}</b></td>""");
        if (evaluation.Tests.FirstOrDefault(test => Compares(test, row, best, metric, cutoff)) is not { } test) return Html.Of($"""<td class="number">{mean:F4}</td>""");
        return Html.Of($"""
            <td class="number" title="against {best.Case.Name}: {Numbers.P(test.PHolm)} (adjusted), {Numbers.P(test.P)} (alone)">{mean:F4}{Html.If(test.PHolm < Numbers.Significance, $"""<sup class="mark">*</sup>""")}</td>
            """);
    }

    private static bool Compares(TestRow test, MeasuredCase a, MeasuredCase b, string metric, int cutoff) =>
        test.Metric == metric && test.Cutoff == cutoff
        && ((test.CaseA == a.Case.Name && test.CaseB == b.Case.Name) || (test.CaseA == b.Case.Name && test.CaseB == a.Case.Name));

    private static string Describe(CaseDescription c) => string.Join(" · ",
        new[] { c.Recommender, c.Encoder, c.Paradigm, c.Modalities, $"seed {c.Seed}" }.Where(part => !string.IsNullOrEmpty(part)));
}
