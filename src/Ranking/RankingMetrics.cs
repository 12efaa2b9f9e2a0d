namespace LmmRec.Ranking;

/// <summary>The metrics of docs/evaluation.md#metrics.</summary>
public enum RankingMetric
{
    /// <summary>Hits in the first K by the number of held-out items.</summary>
    Recall,

    /// <summary>Discounted hits in the first K by those of the best possible ranking.</summary>
    Ndcg,
}

/// <summary>Metrics of one user's ranking. A hit is a ranked item that was held out.</summary>
public static class RankingMetrics
{
    /// <summary>Recall@K: <c>hits in the first K / |held out|</c>.</summary>
    /// <param name="ranked">items, best first; fewer than K where there are no more</param>
    /// <param name="heldOut">the user's held-out items, ascending; at least one</param>
    /// <param name="k">cut-off</param>
    public static double Recall(ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k)
    {
        var hits = 0;
        foreach (var item in ranked[..Math.Min(k, ranked.Length)])
            if (heldOut.BinarySearch(item) >= 0) hits++;
        return (double)hits / heldOut.Length;
    }

    /// <summary>NDCG@K: <c>Σ 1/log2(r + 1)</c> over the ranks r ≤ K of hits, by the same sum over the first <c>min(K, |held out|)</c> ranks.</summary>
    /// <inheritdoc cref="Recall" path="/param"/>
    public static double Ndcg(ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k)
    {
        double gain = 0, ideal = 0;
        for (var r = 1; r <= k; r++)
        {
            var discount = 1 / Math.Log2(r + 1);
            if (r <= ranked.Length && heldOut.BinarySearch(ranked[r - 1]) >= 0) gain += discount;
            if (r <= heldOut.Length) ideal += discount;
        }
        return gain / ideal;
    }

    /// <summary>The value of <paramref name="metric"/>.</summary>
    /// <inheritdoc cref="Recall" path="/param"/>
    public static double Value(RankingMetric metric, ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k) => metric switch
    {
        RankingMetric.Recall => Recall(ranked, heldOut, k),
        RankingMetric.Ndcg => Ndcg(ranked, heldOut, k),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
    };
}
