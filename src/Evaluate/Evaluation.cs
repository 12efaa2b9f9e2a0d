using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate;

/// <summary>All that was measured: what the tables and the report are written from.</summary>
/// <param name="Dataset">name of the data set</param>
/// <param name="Data">users, items and splits</param>
/// <param name="Cases">the measured cases, best first by the main metric; all have the same users, metrics and cut-offs</param>
/// <param name="Tests">tests between any two cases, the better one first; empty where no comparison was asked for or there are too few users</param>
/// <param name="Options">cut-offs and comparison</param>
internal sealed record Evaluation(
    string Dataset, HeldOutData Data, IReadOnlyList<MeasuredCase> Cases, IReadOnlyList<TestRow> Tests, EvaluateOptions Options)
{
    /// <summary>What cases are ordered by, at the main cut-off: the field compares models by it.</summary>
    public const RankingMetric MainMetric = RankingMetric.Recall;

    /// <summary>The largest cut-off at which Recall tells cases apart; where there is none, the largest.</summary>
    public int MainCutoff => MainCutoffOf(Cases);

    /// <summary>Best first by the main metric, then by NDCG, then by name.</summary>
    public static List<MeasuredCase> BestFirst(IReadOnlyList<MeasuredCase> cases)
    {
        var cutoff = MainCutoffOf(cases);
        return [.. cases.OrderByDescending(c => c.Test.Mean(MainMetric, cutoff)).ThenByDescending(c => c.Test.Mean(RankingMetric.Ndcg, cutoff)).ThenBy(c => c.Case.Name, StringComparer.Ordinal)];
    }

    /// <summary>Whether every case finds everything within a cut-off, as where nobody has more candidates than that: Recall then tells nothing apart.</summary>
    public static bool TellsNothing(IReadOnlyList<MeasuredCase> cases, int cutoff) => cases.All(c => Array.TrueForAll(c.Test[RankingMetric.Recall, cutoff], value => value == 1));

    private static int MainCutoffOf(IReadOnlyList<MeasuredCase> cases)
    {
        var cutoffs = cases[0].Test.Columns.Select(column => column.Cutoff).Distinct().OrderDescending().ToList();
        return cutoffs.FirstOrDefault(cutoff => !TellsNothing(cases, cutoff), cutoffs[0]);
    }

    /// <summary>Rows of the table of per-user metrics, test split.</summary>
    public IEnumerable<PerUserRow> PerUserRows() =>
        from measured in Cases
        from column in measured.Test.Columns
        from user in measured.Test.Users.Zip(measured.Test[column.Metric, column.Cutoff])
        select new PerUserRow(measured.Case.Name, user.First, Data.Users.Ids[user.First], column.Metric.InTables(), column.Cutoff, user.Second);

    /// <summary>Rows of the table of means; where no item counts there is none.</summary>
    public IEnumerable<MetricRow> MetricRows() =>
        from measured in Cases
        from part in new[]
        {
            (Split: Splits.Validation, Items: HeldOutItems.All, Metrics: measured.Validation),
            (Split: Splits.Test, Items: HeldOutItems.All, Metrics: measured.Test),
            (Split: Splits.Test, Items: HeldOutItems.Cold, Metrics: measured.Cold),
        }
        where part.Metrics.Users.Count > 0
        from column in part.Metrics.Columns
        let c = measured.Case
        select new MetricRow(c.Name, c.Recommender, c.Encoder, c.Paradigm, c.Modalities, c.Seed, part.Split, part.Items,
            column.Metric.InTables(), column.Cutoff, part.Metrics.Users.Count, part.Metrics.Mean(column.Metric, column.Cutoff));
}
