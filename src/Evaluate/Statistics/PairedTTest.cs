using MathNet.Numerics;

namespace LmmRec.Evaluate.Statistics;

/// <summary>A two-sided paired t-test over users (docs/evaluation.md#significance-tests).</summary>
/// <param name="Users">pairs of values, n</param>
/// <param name="MeanA">mean of the first values</param>
/// <param name="MeanB">mean of the second values</param>
/// <param name="T">mean difference by its standard error; 0 when every difference is 0, infinite when all differences are equal and not 0</param>
/// <param name="P">probability of a |t| at least this large if the true means were equal</param>
public sealed record PairedTTest(int Users, double MeanA, double MeanB, double T, double P)
{
    /// <summary>MeanA − MeanB.</summary>
    public double Difference => MeanA - MeanB;

    /// <summary>n − 1.</summary>
    public int DegreesOfFreedom => Users - 1;

    /// <summary>Tests the values of the same users, in the same order, against each other.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or hold fewer than 2 values.</exception>
    public static PairedTTest Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != b.Length || a.Length < 2)
            throw new ArgumentException($"a paired test needs the same 2 or more users on both sides, not {a.Length} and {b.Length}");
        double sumA = 0, sumB = 0, sum = 0;
        var constant = true;
        for (var u = 0; u < a.Length; u++)
        {
            sumA += a[u];
            sumB += b[u];
            sum += a[u] - b[u];
            constant &= a[u] - b[u] == a[0] - b[0];
        }
        var n = a.Length;
        var t = constant ? StatisticOfConstant(a[0] - b[0]) : Statistic(a, b, sum / n);
        return new PairedTTest(n, sumA / n, sumB / n, t, TwoSided(t, n - 1));
    }

    /// <summary>
    /// <c>2 (1 − F(|t|))</c> of Student's t as <c>I_x(ν/2, ½)</c> with <c>x = ν / (ν + t²)</c>: the tail itself, so that a large |t| gives a small
    /// number and not the rounding error of 1 − 1.
    /// </summary>
    internal static double TwoSided(double t, double degreesOfFreedom)
    {
        var x = degreesOfFreedom / (degreesOfFreedom + t * t); // 0 for an infinite t
        return x == 0 ? 0 : SpecialFunctions.BetaRegularized(degreesOfFreedom / 2, 0.5, x);
    }

    // Asked of the differences themselves: their computed variance need not be exactly 0.
    private static double StatisticOfConstant(double difference) =>
        difference == 0 ? 0 : Math.CopySign(double.PositiveInfinity, difference);

    private static double Statistic(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double mean)
    {
        var squares = 0.0;
        for (var u = 0; u < a.Length; u++) squares += (a[u] - b[u] - mean) * (a[u] - b[u] - mean);
        return mean / Math.Sqrt(squares / (a.Length - 1) / a.Length);
    }
}
