using LmmRec.Artifacts;

namespace LmmRec.Evaluate.Statistics;

/// <summary>
/// What drawing anew says of mean differences: it assumes no distribution (docs/evaluation.md#significance-tests). The cases of a comparison share their draws of
/// users and signs, so that a pair's sum is the difference of its cases' sums: drawing costs per case and not per pair.
/// </summary>
public sealed class Resampling
{
    /// <summary>Draws of each test.</summary>
    public const int Draws = 1000;

    private readonly IReadOnlyList<double[]> _cases;
    private readonly double[][] _means, _signed; // [cases][draws]: the mean over drawn users, and the sum where each user has a sign by chance

    private Resampling(IReadOnlyList<double[]> cases) =>
        (_cases, _means, _signed) = (cases, [.. cases.Select(_ => new double[Draws])], [.. cases.Select(_ => new double[Draws])]);

    /// <summary>Draws for some cases. What is drawn depends on the number of users alone.</summary>
    /// <param name="cases">by case one value per user, of the same users; not copied</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between draws</param>
    public static Resampling Of(IReadOnlyList<double[]> cases, int threads, CancellationToken cancellation)
    {
        var drawn = new Resampling(cases);
        var users = cases[0].Length;
        // Users whose value is 0, often most, change no sum.
        var found = cases.Select(values => values.Index().Where(value => value.Item != 0).Select(value => value.Index).ToArray()).ToArray();
        Parallel.For(0, Draws, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancellation },
            () => (Times: new double[users], Signs: new double[users]),
            (draw, _, scratch) =>
            {
                Fill(scratch.Times, scratch.Signs, SeededRandom.For(0, $"draw {draw}"));
                for (var c = 0; c < cases.Count; c++)
                {
                    var (values, sum, signed) = (cases[c], 0.0, 0.0);
                    foreach (var user in found[c])
                    {
                        sum += scratch.Times[user] * values[user];
                        signed += scratch.Signs[user] * values[user];
                    }
                    (drawn._means[c][draw], drawn._signed[c][draw]) = (sum / users, signed);
                }
                return scratch;
            },
            _ => { });
        return drawn;
    }

    /// <summary>
    /// Randomisation test (Fisher, 1935) of two cases, two-sided: how often the mean difference is as far from 0 when each user's difference gets a sign by
    /// chance. The smallest value is 1 / (<see cref="Draws"/> + 1), since the signs that were found are one of the ways.
    /// </summary>
    public double RandomizationP(int a, int b)
    {
        var found = Math.Abs(_cases[a].Sum() - _cases[b].Sum());
        var tolerance = 1e-12 * (_cases[a].Sum(Math.Abs) + _cases[b].Sum(Math.Abs)); // sums of the same numbers in other orders of signs are rounded differently
        return (1 + Enumerable.Range(0, Draws).Count(draw => Math.Abs(_signed[a][draw] - _signed[b][draw]) >= found - tolerance)) / (Draws + 1.0);
    }

    /// <summary>The 95 % bootstrap interval of the mean difference of two cases by its percentiles (Efron, 1979): users are drawn with replacement.</summary>
    public (double Low, double High) Bootstrap(int a, int b)
    {
        var differences = Array.ConvertAll(Enumerable.Range(0, Draws).ToArray(), draw => _means[a][draw] - _means[b][draw]);
        Array.Sort(differences);
        return (Quantile(differences, 0.025), Quantile(differences, 0.975));
    }

    // How often each user is drawn when there are as many draws as users, and a sign for each.
    private static void Fill(double[] times, double[] signs, SeededRandom random)
    {
        Array.Clear(times);
        for (var left = times.Length; left > 0; left--) times[random.NextInt32(times.Length)]++;
        for (var first = 0; first < signs.Length; first += 64)
        {
            var bits = random.NextUInt64();
            for (var user = first; user < Math.Min(first + 64, signs.Length); user++, bits >>= 1) signs[user] = (bits & 1) == 0 ? 1 : -1;
        }
    }

    // Between the two nearest of sorted values, as most programs have it (type 7 of Hyndman and Fan).
    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
