using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>How metrics are called in tables and on screens.</summary>
internal static class MetricNames
{
    /// <summary>As in the tables: <c>recall</c>.</summary>
    public static string InTables(this RankingMetric metric) => metric.ToString().ToLowerInvariant();

    /// <summary>As people write it: <c>NDCG@10</c>.</summary>
    public static string Display(string metric, int cutoff) => $"{(metric is "ndcg" or "map" or "mrr" ? metric.ToUpperInvariant() : $"{char.ToUpperInvariant(metric[0])}{metric[1..].Replace('_', '-')}")}@{cutoff}";

    /// <summary>Whether cases are compared and shown by a metric; the others are measured beside these.</summary>
    public static bool IsCompared(this RankingMetric metric) => metric is RankingMetric.Recall or RankingMetric.Ndcg;
}
