using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>How metrics are called in tables and on screens.</summary>
internal static class MetricNames
{
    /// <summary>As in the tables: <c>recall</c>.</summary>
    public static string InTables(this RankingMetric metric) => metric.ToString().ToLowerInvariant();

    /// <summary>As people write it: <c>NDCG@10</c>.</summary>
    public static string Display(string metric, int cutoff) => $"{(metric == RankingMetric.Ndcg.InTables() ? "NDCG" : "Recall")}@{cutoff}";
}
