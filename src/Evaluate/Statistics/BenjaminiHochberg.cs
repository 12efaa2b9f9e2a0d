namespace LmmRec.Evaluate.Statistics;

/// <summary>The step-up correction that bounds the share of false claims among all claims (Benjamini and Hochberg, 1995; docs/evaluation.md#significance-tests).</summary>
public static class BenjaminiHochberg
{
    /// <summary>
    /// Adjusted p-values: with the m values in ascending order, <c>p̃(i) = min over j ≥ i of min(1, m p(j) / j)</c>. A hypothesis is rejected at level α
    /// where its adjusted value is at most α.
    /// </summary>
    /// <param name="p">p-values of one family, in any order</param>
    /// <returns>the adjusted values in the same order</returns>
    public static double[] Adjust(IReadOnlyList<double> p)
    {
        var adjusted = new double[p.Count];
        var smallest = 1.0;
        foreach (var (rank, i) in Enumerable.Range(0, p.Count).OrderByDescending(i => p[i]).Index())
            adjusted[i] = smallest = Math.Min(smallest, p.Count * p[i] / (p.Count - rank));
        return adjusted;
    }
}
