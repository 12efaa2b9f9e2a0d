namespace LmmRec.Ranking;

/// <summary>The metrics of docs/evaluation.md#metrics.</summary>
public enum RankingMetric
{
    /// <summary>Hits in the first K by the number of held-out items.</summary>
    Recall,

    /// <summary>Discounted hits in the first K by those of the best possible ranking.</summary>
    Ndcg,

    /// <summary>Hits in the first K by K.</summary>
    Precision,

    /// <summary>Mean over the hits in the first K of the precision down to each, where those that are missing count 0 (MAP when averaged over users).</summary>
    Map,

    /// <summary>The inverse of the rank of the first hit within K, else 0.</summary>
    Mrr,

    /// <summary>1 where one of the first K is a hit, else 0.</summary>
    Hit,
}

/// <summary>Metrics of one user's ranking. A hit is a ranked item that was held out.</summary>
public static class RankingMetrics
{
    /// <summary>Recall@K: <c>hits in the first K / |held out|</c>.</summary>
    /// <param name="ranked">items, best first; fewer than K where there are no more</param>
    /// <param name="heldOut">the user's held-out items, ascending; at least one</param>
    /// <param name="k">cut-off</param>
    public static double Recall(ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k) => (double)Hits(ranked, heldOut, k) / heldOut.Length;

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

    /// <summary>Precision@K: <c>hits in the first K / K</c>.</summary>
    /// <inheritdoc cref="Recall" path="/param"/>
    public static double Precision(ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k) => (double)Hits(ranked, heldOut, k) / k;

    /// <summary>Average precision@K: the sum over the ranks r ≤ K of hits of <c>hits in the first r / r</c>, by <c>min(K, |held out|)</c>.</summary>
    /// <inheritdoc cref="Recall" path="/param"/>
    public static double AveragePrecision(ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k)
    {
        var (hits, sum) = (0, 0.0);
        for (var r = 1; r <= Math.Min(k, ranked.Length); r++)
            if (heldOut.BinarySearch(ranked[r - 1]) >= 0) sum += ++hits / (double)r;
        return sum / Math.Min(k, heldOut.Length);
    }

    /// <summary>Reciprocal rank@K: <c>1 / r</c> of the first hit at a rank r ≤ K, else 0.</summary>
    /// <inheritdoc cref="Recall" path="/param"/>
    public static double ReciprocalRank(ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k)
    {
        for (var r = 1; r <= Math.Min(k, ranked.Length); r++)
            if (heldOut.BinarySearch(ranked[r - 1]) >= 0) return 1.0 / r;
        return 0;
    }

    /// <summary>The value of <paramref name="metric"/>.</summary>
    /// <inheritdoc cref="Recall" path="/param"/>
    public static double Value(RankingMetric metric, ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k) => metric switch
    {
        RankingMetric.Recall => Recall(ranked, heldOut, k),
        RankingMetric.Ndcg => Ndcg(ranked, heldOut, k),
        RankingMetric.Precision => Precision(ranked, heldOut, k),
        RankingMetric.Map => AveragePrecision(ranked, heldOut, k),
        RankingMetric.Mrr => ReciprocalRank(ranked, heldOut, k),
        RankingMetric.Hit => ReciprocalRank(ranked, heldOut, k) > 0 ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
    };

    private static int Hits(ReadOnlySpan<int> ranked, ReadOnlySpan<int> heldOut, int k)
    {
        var hits = 0;
        foreach (var item in ranked[..Math.Min(k, ranked.Length)])
            if (heldOut.BinarySearch(item) >= 0) hits++;
        return hits;
    }
}
