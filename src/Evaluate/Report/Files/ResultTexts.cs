using System.Globalization;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report.Files;

/// <summary>The results of one data set, and its tests against the best case.</summary>
internal static class ResultTexts
{
    public static TextSection Of(Evaluation evaluation)
    {
        var data = evaluation.Data;
        var size = string.Create(CultureInfo.InvariantCulture, $"{data.Users.Count:N0} users, {data.Items.Count:N0} items, {data.Interactions:N0} interactions.");
        return new TextSection(evaluation.Dataset, [size, .. ControlFinding.Of(evaluation).Select(finding => finding.Sentence)], evaluation.Tests.Count == 0 ? [Results(evaluation)] : [Results(evaluation), Tests(evaluation)]);
    }

    private static TextTable Results(Evaluation evaluation)
    {
        var columns = evaluation.Cases[0].Test.Columns.Select(column => (Of: column, Name: Name(column), Best: evaluation.Cases.MaxBy(c => c.Test.Mean(column.Metric, column.Cutoff))!)).ToList();
        var note = string.Create(CultureInfo.InvariantCulture, $"Test split, means over {evaluation.Cases[0].Test.Users.Count:N0} users, best first by {MainMetric(evaluation)}; bold: best of the column.");
        return new TextTable("Results", [.. columns.Select(column => ("", column.Name))],
            [.. evaluation.Cases.Select(row => new TextRow(row.Case.Title, [.. columns.Select(column => Cell(row, column.Of, column.Best))]))],
            evaluation.Tests.Count == 0 ? note : $"{note} * significantly below the best of the column. {Sentence(evaluation)}");

        TextCell Cell(MeasuredCase row, (RankingMetric Metric, int Cutoff) column, MeasuredCase best)
        {
            var (mean, most) = (row.Test.Mean(column.Metric, column.Cutoff), best.Test.Mean(column.Metric, column.Cutoff));
            var below = mean < most && evaluation.TestOf(row, best, column) is { PHolm: < PairwiseTests.Level };
            return new TextCell(mean.ToString("0.0000", CultureInfo.InvariantCulture) + (below ? "*" : ""), mean == most);
        }
    }

    private static TextTable Tests(Evaluation evaluation)
    {
        var best = evaluation.Cases[0];
        return new TextTable($"{MainMetric(evaluation)} against {best.Case.Title}", [("", "Difference"), ("", "95 % interval"), ("", "p"), ("", "Verdict")],
            [.. from other in evaluation.Cases.Skip(1)
                let test = evaluation.TestOf(best, other, evaluation.Main)!
                let sign = test.CaseA == best.Case.Name ? -1 : 1
                let interval = new[] { sign * test.Low, sign * test.High }.Order().ToList()
                select new TextRow(other.Case.Title,
                    [new(Signed(sign * test.Difference)), new($"{Signed(interval[0])} to {Signed(interval[1])}"), new(Numbers.P(test.PHolm).Replace('\u00A0', ' ')), new(test.Verdict)])],
            $"The best case is compared with each other one. {Sentence(evaluation)} The interval is Student's, without a correction. Equivalent: shown to lie within "
            + $"{Numbers.Percent(evaluation.Options.Margin).Replace('\u00A0', ' ')} of the best mean by two one-sided tests over the same family; undecided: neither. All pairs: the table tests of the comparison.");
    }

    private static string Sentence(Evaluation evaluation) => string.Create(CultureInfo.InvariantCulture,
        $"Two-sided paired t-tests over users; p is adjusted by Holm–Bonferroni over all {evaluation.Cases.Count * (evaluation.Cases.Count - 1) / 2} pairs of cases of a metric and cut-off, at level {PairwiseTests.Level}.");

    private static string MainMetric(Evaluation evaluation) => Name(evaluation.Main);

    private static string Name((RankingMetric Metric, int Cutoff) column) => MetricNames.Display(column.Metric.InTables(), column.Cutoff);

    private static string Signed(double value) => value.ToString("+0.0000;−0.0000;0.0000", CultureInfo.InvariantCulture);
}
