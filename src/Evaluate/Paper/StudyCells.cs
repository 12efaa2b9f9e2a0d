using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Paper;

/// <summary>What was measured on a data set, as cells of the paper's tables, with its stars.</summary>
internal static class StudyCells
{
    /// <summary>The cells of Tables 1, 3, 4 and 5 for which there is a case.</summary>
    /// <param name="evaluation">what was measured</param>
    /// <param name="cases">which case stands where</param>
    /// <param name="dataset">what the cells call the data set</param>
    public static IEnumerable<PaperCell> Of(Evaluation evaluation, PaperCases cases, string dataset) =>
        from layout in PaperLayout.All
        from family in layout.Families
        from column in layout.Columns
        where evaluation.Cases[0].Test.Columns.Contains(column)
        let present = family.Select(row => (Row: row, Case: cases.Find(row)!)).Where(row => row.Case is not null).ToList()
        where present.Count > 0
        let stars = Stars(layout, family[0], present, column, evaluation.Options.Compare)
        from row in present
        select new PaperCell(layout.Number, dataset, row.Row, MetricNames.Display(column.Metric.InTables(), column.Cutoff),
            row.Case.Test.Mean(column.Metric, column.Cutoff), stars.TryGetValue(row.Row, out var star) ? star : null);

    private static Dictionary<PaperRow, bool> Stars(
        PaperLayout layout, PaperRow first, List<(PaperRow Row, MeasuredCase Case)> family, (RankingMetric Metric, int Cutoff) column, Comparison comparison)
    {
        var reference = layout.Reference switch
        {
            Reference.First => family.Find(row => row.Row == first).Case,
            Reference.Best => family.MaxBy(row => row.Case.Test.Mean(column.Metric, column.Cutoff)).Case,
            _ => null,
        };
        if (reference is null || comparison == Comparison.None || reference.Test.Users.Count < PairwiseTests.FewestUsers) return [];
        var others = family.FindAll(row => row.Case != reference);
        var p = others.ConvertAll(row => PairedTTest.Of(row.Case.Test[column.Metric, column.Cutoff], reference.Test[column.Metric, column.Cutoff]).P);
        return others.Zip(layout.IsAdjusted ? HolmBonferroni.Adjust(p) : [.. p]).ToDictionary(row => row.First.Row, row => row.Second < PairwiseTests.Level);
    }
}
