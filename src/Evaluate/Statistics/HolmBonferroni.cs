namespace LmmRec.Evaluate.Statistics;

/// <summary>The step-down correction for testing several hypotheses at once (Holm, 1979; docs/evaluation.md#significance-tests).</summary>
public static class HolmBonferroni
{
    /// <summary>
    /// Adjusted p-values: with the m values in ascending order, <c>p̃(i) = max over j ≤ i of min(1, (m − j + 1) p(j))</c>. A hypothesis is rejected
    /// at level α where its adjusted value is at most α.
    /// </summary>
    /// <param name="p">p-values of one family, in any order</param>
    /// <returns>the adjusted values in the same order</returns>
    public static double[] Adjust(IReadOnlyList<double> p)
    {
        var adjusted = new double[p.Count];
        var largest = 0.0;
        foreach (var (rank, i) in Enumerable.Range(0, p.Count).OrderBy(i => p[i]).Index())
            adjusted[i] = largest = Math.Max(largest, Math.Min(1, (p.Count - rank) * p[i]));
        return adjusted;
    }
}
