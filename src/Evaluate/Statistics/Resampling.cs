using LmmRec.Artifacts;

namespace LmmRec.Evaluate.Statistics;

/// <summary>
/// What drawing anew says of a mean difference: it assumes no distribution (docs/evaluation.md#significance-tests). Users whose difference is 0, often most,
/// cost nothing: they change no sum.
/// </summary>
public static class Resampling
{
    /// <summary>Draws of each test.</summary>
    public const int Draws = 1000;

    /// <summary>
    /// Randomisation test (Fisher, 1935), two-sided: how often the mean is as far from 0 when each user's difference gets a sign by chance. The smallest
    /// value is 1 / (<see cref="Draws"/> + 1), since the signs that were found are one of the ways.
    /// </summary>
    /// <param name="differences">one per user</param>
    /// <param name="random">draws the signs</param>
    public static double RandomizationP(ReadOnlySpan<double> differences, SeededRandom random)
    {
        var values = NonZero(differences);
        var found = Math.Abs(values.Sum());
        var tolerance = 1e-12 * values.Sum(Math.Abs); // sums of the same numbers in other orders of signs are rounded differently
        var asFar = 1;
        for (var draw = 0; draw < Draws; draw++)
        {
            var sum = 0.0;
            for (var first = 0; first < values.Length; first += 64)
            {
                var signs = random.NextUInt64();
                for (var i = first; i < Math.Min(first + 64, values.Length); i++, signs >>= 1)
                    sum += BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(values[i]) ^ ((long)signs << 63));
            }
            if (Math.Abs(sum) >= found - tolerance) asFar++;
        }
        return asFar / (Draws + 1.0);
    }

    /// <summary>The 95 % bootstrap interval of the mean difference by its percentiles (Efron, 1979): users are drawn with replacement.</summary>
    /// <inheritdoc cref="RandomizationP" path="/param"/>
    public static (double Low, double High) Bootstrap(ReadOnlySpan<double> differences, SeededRandom random)
    {
        var values = NonZero(differences);
        var means = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            var sum = 0.0;
            for (var left = CountDrawn(values.Length, differences.Length, random); left > 0; left--) sum += values[random.NextInt32(values.Length)];
            means[draw] = sum / differences.Length;
        }
        Array.Sort(means);
        return (Quantile(means, 0.025), Quantile(means, 0.975));
    }

    // How many of n draws with replacement hit one of m: binomial, by its normal approximation where that is good to far less than the interval's own error.
    private static int CountDrawn(int m, int n, SeededRandom random)
    {
        double share = (double)m / n, variance = n * share * (1 - share);
        if (variance > 100) return Math.Clamp((int)Math.Round(n * share + Math.Sqrt(variance) * random.NextNormal()), 0, n);
        var count = 0;
        for (var i = 0; i < n; i++)
            if (random.NextInt32(n) < m) count++;
        return count;
    }

    // Between the two nearest of sorted values, as most programs have it (type 7 of Hyndman and Fan).
    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }

    private static double[] NonZero(ReadOnlySpan<double> differences)
    {
        var values = new List<double>();
        foreach (var d in differences)
            if (d != 0) values.Add(d);
        return [.. values];
    }
}
