using MathNet.Numerics.Distributions;

namespace LmmRec.Evaluate.Statistics;

/// <summary>
/// Wilcoxon's signed-rank test (1945) of paired differences, two-sided: it asks for the order of the differences only, so a few users cannot decide it
/// (docs/evaluation.md#significance-tests). Differences of 0 are left out; equal ones share the mean of their ranks.
/// </summary>
public static class WilcoxonSignedRank
{
    /// <summary>Up to so many differences without ties the distribution is counted out, beyond it is normal.</summary>
    private const int MostCounted = 50;

    /// <summary>The p-value; 1 where every difference is 0.</summary>
    /// <param name="differences">one per user</param>
    public static double P(ReadOnlySpan<double> differences)
    {
        var sizes = new List<(double Size, bool Positive)>(differences.Length);
        foreach (var d in differences)
            if (d != 0) sizes.Add((Math.Abs(d), d > 0));
        if (sizes.Count == 0) return 1;
        sizes.Sort((x, y) => x.Size.CompareTo(y.Size));
        double positive = 0, ties = 0; // sum of the ranks of positive differences; Σ (t³ − t) over groups of equal ones
        for (int first = 0, next; first < sizes.Count; first = next)
        {
            for (next = first + 1; next < sizes.Count && sizes[next].Size == sizes[first].Size;) next++;
            double count = next - first, rank = (first + 1 + next) / 2.0;
            ties += count * count * count - count;
            for (var i = first; i < next; i++)
                if (sizes[i].Positive) positive += rank;
        }
        double n = sizes.Count;
        if (n <= MostCounted && ties == 0 && sizes.Count == differences.Length) return Counted(sizes.Count, (int)positive);
        var deviation = Math.Sqrt((n * (n + 1) * (2 * n + 1) - ties / 2) / 24);
        return Math.Min(1, 2 * Normal.CDF(0, 1, -Math.Abs(positive - n * (n + 1) / 4) / deviation));
    }

    // How many of the 2ⁿ ways to give signs have a sum at most as far from the mean on its side.
    private static double Counted(int n, int positive)
    {
        var total = n * (n + 1) / 2;
        var ways = new double[total + 1];
        ways[0] = 1;
        for (var rank = 1; rank <= n; rank++)
            for (var sum = total; sum >= rank; sum--) ways[sum] += ways[sum - rank];
        var tail = 0.0;
        for (var sum = 0; sum <= Math.Min(positive, total - positive); sum++) tail += ways[sum];
        return Math.Min(1, 2 * tail / Math.Pow(2, n));
    }
}
