using CsCheck;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Tests;

public sealed class StatisticsTests
{
    // Values of SciPy 1.10.1 on the same numbers: ttest_rel, d_z, half width of the t interval, wilcoxon (exact, or normal without continuity correction),
    // and two one-sided t-tests within ±0.05. The half width of 40 users is by mpmath's quantile: SciPy's is wrong in the ninth digit there.
    [Theory]
    [InlineData(12, 1000, -0.09752626856959735, 0.9240628182817128, -0.02815340870585839, 0.23696532759662375, 0.9697265625, 0.3603325575173508)]
    [InlineData(40, 997, 0.19175879880514984, 0.848926080112193, 0.03031972828011241, 0.13700891731911802, 0.9946976143110078, 0.29395126907470887)]
    [InlineData(200, 5, -0.30781702541287376, 0.7585434983478448, -0.021765950603411483, 0.05765635891789858, 0.8889745184067813, 0.08119519107842614)]
    [InlineData(1000, 7, 1.0006049447034988, 0.31726013733115477, 0.03164190663289891, 0.02549501591988848, 0.3673423220542483, 0.002245725741796134)]
    [InlineData(1000, 32768, -2.2610283102580286, 0.023971926389087374, -0.07149999314537224, 0.02508279688332988, 0.018956682996432668, 0.04955713617849509)]
    public void Tests_intervals_and_effect_sizes_equal_scipys(int users, int levels, double t, double p, double effect, double halfWidth, double wilcoxon, double equivalence)
    {
        var (a, b) = (Values(users, 1, 0, levels), Values(users, 2, 7, levels));
        var test = PairedTTest.Of(a, b);
        Assert.Equal(t, test.T, 1e-10);
        Assert.Equal(p, test.P, 1e-10);
        Assert.Equal(effect, test.EffectSize, 1e-10);
        Assert.Equal(halfWidth, test.HalfWidth, 1e-10);
        Assert.Equal(equivalence, test.EquivalenceP(0.05), 1e-10);
        Assert.Equal(wilcoxon, WilcoxonSignedRank.P(Differences(a, b)), 1e-10);
    }

    [Fact]
    public void The_corrections_equal_those_of_statsmodels()
    {
        double[] p = [0.01, 0.04, 0.03, 0.005, 0.2, 0.5, 0.049, 0.0001];
        double[] holm = [0.06, 0.16, 0.15, 0.035, 0.4, 0.5, 0.16, 0.0008]; // 0.16 for 0.049: step-down, no value below one before it
        double[] falseDiscovery = [0.02666666666666667, 0.064, 0.06, 0.02, 0.2285714285714286, 0.5, 0.06533333333333334, 0.0008];
        Assert.All(HolmBonferroni.Adjust(p).Zip(holm), pair => Assert.Equal(pair.Second, pair.First, 1e-15));
        Assert.All(BenjaminiHochberg.Adjust(p).Zip(falseDiscovery), pair => Assert.Equal(pair.Second, pair.First, 1e-15));
    }

    [Fact]
    public void Where_no_user_differs_nothing_is_found_and_the_cases_are_equivalent()
    {
        double[] values = [0.1, 0.7, 0.2];
        var test = PairedTTest.Of(values, values);
        Assert.Equal((0.0, 0.0, 0.0, 0.0), (test.Difference, test.EffectSize, test.HalfWidth, test.EquivalenceP(0.01)));
        Assert.Equal(1, WilcoxonSignedRank.P(new double[3]));
        Assert.Equal(1, Drawn(values, values).RandomizationP(0, 1));
        Assert.Equal((0.0, 0.0), Drawn(values, values).Bootstrap(0, 1));
    }

    [Fact]
    public void A_difference_beyond_the_margin_is_never_equivalent() =>
        Gen.Select(Gen.Double[-1, 1].Array[2, 30], Gen.Double[0.01, 0.5]).Sample((differences, margin) =>
        {
            var test = PairedTTest.Of(differences, new double[differences.Length]);
            if (Math.Abs(test.Difference) > margin) Assert.True(test.EquivalenceP(margin) >= 0.5);
        }, iter: 500, seed: "0000KOIPZG52", threads: 1);

    [Fact]
    public void The_randomisation_test_comes_near_the_share_of_all_signs_that_are_as_far_from_zero()
    {
        double[] differences = [0.3, -0.1, 0.25, 0.5, 0, 0.2, -0.15, 0.4, 0.1];
        var asFar = 0;
        for (var signs = 0; signs < 1 << differences.Length; signs++)
            if (Math.Abs(differences.Select((d, i) => (signs >> i & 1) == 0 ? d : -d).Sum()) >= differences.Sum() - 1e-12) asFar++;
        var exact = asFar / (double)(1 << differences.Length);
        var error = Math.Sqrt(exact * (1 - exact) / Resampling.Draws);
        Assert.InRange(Drawn(differences, new double[differences.Length]).RandomizationP(0, 1), exact - 4 * error, exact + 4 * error + 0.001);
    }

    [Theory]
    [InlineData(1000, 7)] // many users are equal
    [InlineData(1000, 32768)]
    [InlineData(60, 5)]
    public void The_bootstrap_interval_of_many_users_comes_near_students(int users, int levels)
    {
        var (a, b) = (Values(users, 1, 0, levels), Values(users, 2, 7, levels));
        var test = PairedTTest.Of(a, b);
        var (low, high) = Drawn(a, b).Bootstrap(0, 1);
        Assert.InRange(low, test.Difference - 1.15 * test.HalfWidth, test.Difference - 0.85 * test.HalfWidth);
        Assert.InRange(high, test.Difference + 0.85 * test.HalfWidth, test.Difference + 1.15 * test.HalfWidth);
    }

    [Fact]
    public void Draws_do_not_depend_on_threads_or_on_the_other_cases()
    {
        var (a, b, other) = (Values(60, 1, 0, 5), Values(60, 2, 7, 5), Values(60, 3, 1, 5));
        var (alone, beside) = (Drawn(a, b), Resampling.Of([other, b, a], threads: 3, CancellationToken.None));
        Assert.Equal((alone.RandomizationP(0, 1), alone.Bootstrap(0, 1)), (beside.RandomizationP(2, 1), beside.Bootstrap(2, 1)));
    }

    private static Resampling Drawn(params double[][] cases) => Resampling.Of(cases, threads: 1, CancellationToken.None);

    private static double[] Differences(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x - y)];

    // The generator of ANSI C's rand, which is easily had in any language.
    private static double[] Values(int users, long seed, long step, int levels)
    {
        var x = 12345 + seed;
        return [.. Enumerable.Range(0, users).Select(_ => (x = (x * 1103515245 + 12345 + step) % 2147483648) / 65536 % levels / (double)levels)];
    }
}
