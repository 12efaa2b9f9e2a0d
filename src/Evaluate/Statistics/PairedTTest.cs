using MathNet.Numerics;

namespace LmmRec.Evaluate.Statistics;

/// <summary>A two-sided paired t-test over users, and what else the mean and the spread of the differences say (docs/evaluation.md#significance-tests).</summary>
/// <param name="Users">pairs of values, n</param>
/// <param name="MeanA">mean of the first values</param>
/// <param name="MeanB">mean of the second values</param>
/// <param name="Deviation">standard deviation of the differences, by n − 1; exactly 0 where all are equal</param>
public sealed record PairedTTest(int Users, double MeanA, double MeanB, double Deviation)
{
    /// <summary>MeanA − MeanB.</summary>
    public required double Difference { get; init; }

    /// <summary>n − 1.</summary>
    public int DegreesOfFreedom => Users - 1;

    /// <summary>Mean difference by its standard error; 0 when every difference is 0, infinite when all differences are equal and not 0.</summary>
    public double T => InUnitsOf(StandardError, Difference);

    /// <summary>Probability of a |t| at least this large if the true means were equal.</summary>
    public double P => TwoSided(T, DegreesOfFreedom);

    /// <summary>Effect size: the mean difference by the standard deviation of the differences (Cohen's d of pairs).</summary>
    public double EffectSize => InUnitsOf(Deviation, Difference);

    /// <summary>Half the width of the 95 % confidence interval of the mean difference.</summary>
    public double HalfWidth => CriticalT.Of(DegreesOfFreedom) * StandardError;

    private double StandardError => Deviation / Math.Sqrt(Users);

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
        // Asked of the differences themselves: their computed variance need not be exactly 0.
        return constant
            ? new PairedTTest(n, sumA / n, sumB / n, 0) { Difference = a[0] - b[0] }
            : new PairedTTest(n, sumA / n, sumB / n, DeviationOf(a, b, sum / n)) { Difference = sumA / n - sumB / n };
    }

    /// <summary>
    /// Whether the true means lie no further apart than <paramref name="margin"/>: two one-sided tests (Schuirmann, 1987). The larger of their two
    /// p-values; a small one says that they do.
    /// </summary>
    /// <param name="margin">largest difference that does not matter, above 0</param>
    public double EquivalenceP(double margin) =>
        Math.Max(Upper(InUnitsOf(StandardError, Difference + margin)), Upper(InUnitsOf(StandardError, margin - Difference)));

    /// <summary>
    /// <c>2 (1 − F(|t|))</c> of Student's t as <c>I_x(ν/2, ½)</c> with <c>x = ν / (ν + t²)</c>: the tail itself, so that a large |t| gives a small
    /// number and not the rounding error of 1 − 1.
    /// </summary>
    internal static double TwoSided(double t, double degreesOfFreedom)
    {
        var x = degreesOfFreedom / (degreesOfFreedom + t * t); // 0 for an infinite t
        return x == 0 ? 0 : SpecialFunctions.BetaRegularized(degreesOfFreedom / 2, 0.5, x);
    }

    private double Upper(double t) => t > 0 ? TwoSided(t, DegreesOfFreedom) / 2 : 1 - TwoSided(t, DegreesOfFreedom) / 2;

    private static double InUnitsOf(double unit, double difference) =>
        unit > 0 ? difference / unit : difference == 0 ? 0 : Math.CopySign(double.PositiveInfinity, difference);

    private static double DeviationOf(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double mean)
    {
        var squares = 0.0;
        for (var u = 0; u < a.Length; u++) squares += (a[u] - b[u] - mean) * (a[u] - b[u] - mean);
        return Math.Sqrt(squares / (a.Length - 1));
    }
}
