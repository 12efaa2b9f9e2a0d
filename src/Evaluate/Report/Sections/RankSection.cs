using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Report.Plots;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>The critical-difference diagram of the main metric; nothing where there are no tests.</summary>
internal static class RankSection
{
    public static Html Of(Evaluation evaluation)
    {
        if (evaluation.Tests.Count == 0 || evaluation.Cases.Count < 3) return default;
        var (cases, metric) = (evaluation.Cases, MetricNames.Display(Evaluation.MainMetric.InTables(), evaluation.MainCutoff));
        var friedman = FriedmanTest.Of([.. cases.Select(c => c.Test[Evaluation.MainMetric, evaluation.MainCutoff])]);
        var different = evaluation.TestsBy(evaluation.Main).Where(test => test.PHolm < PairwiseTests.Level).SelectMany(test => new[] { (test.CaseA, test.CaseB), (test.CaseB, test.CaseA) }).ToHashSet();
        return Frame.Figure($"Mean ranks by {metric}",
            RankPlot.Of([.. cases.Select(c => c.Case.Title)], friedman.MeanRanks, (a, b) => different.Contains((cases[a].Case.Name, cases[b].Case.Name))),
            Html.Of($"""
                For each of {friedman.Users:N0} users the cases are ranked by {metric}; equal ones share their rank. The axis has the means of these ranks, the
                best at the left{ReportPage.Shown(cases, RankPlot.MostCases)}. Friedman's test asks whether all cases could be equal: χ² = {friedman.ChiSquared:F1},
                {Numbers.P(friedman.P)}. A bar joins cases of which no two are shown to differ: not by the critical difference of Nemenyi, which
                supposes few ties, but by the paired t-tests of the means, adjusted by Holm–Bonferroni, of the table of differences.
                """));
    }
}
