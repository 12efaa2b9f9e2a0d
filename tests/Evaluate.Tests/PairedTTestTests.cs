using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Tests;

public sealed class PairedTTestTests
{
    // Two-sided p-values computed with 60 digits (mpmath, regularised incomplete beta).
    [Theory]
    [InlineData(0.5, 4, 0.64332996318186327424)]
    [InlineData(1, 1, 0.5)]
    [InlineData(1.5, 9, 0.16785065605707482057)]
    [InlineData(0.001, 19444, 0.99920212583086731672)]
    [InlineData(1.7, 19444, 0.089146918763022376428)]
    [InlineData(2, 19444, 0.045514147944193092713)]
    [InlineData(5, 19444, 5.7829053494079622979e-7)]
    [InlineData(12.5, 19444, 1.0241652614282167897e-35)]
    [InlineData(37, 9307, 1.0470211052751352003e-279)]
    [InlineData(1000, 100, 7.9196186079478519077e-202)]
    [InlineData(3, 10_000_000, 0.0026998027110371612512)]
    [InlineData(1e6, 3, 2.205315581679229062e-18)]
    public void The_p_value_is_right_far_into_the_tail(double t, double degreesOfFreedom, double expected)
    {
        Assert.Equal(1, PairedTTest.TwoSided(t, degreesOfFreedom) / expected, 1e-7);
        Assert.Equal(PairedTTest.TwoSided(t, degreesOfFreedom), PairedTTest.TwoSided(-t, degreesOfFreedom));
    }

    [Fact]
    public void A_small_example_equals_the_one_done_by_hand()
    {
        // Differences 1, 2, 3, 4: mean 2.5, s² = 5/3, t = 2.5 / sqrt(5/12) = √15.
        var test = PairedTTest.Of([2, 4, 6, 8], [1, 2, 3, 4]);
        Assert.Equal((4, 3, 5.0, 2.5, 2.5), (test.Users, test.DegreesOfFreedom, test.MeanA, test.MeanB, test.Difference));
        Assert.Equal(Math.Sqrt(15), test.T, 1e-14);
        Assert.Equal(0.030466291662170977, test.P, 1e-12);
    }

    [Fact]
    public void Equal_values_have_p_1() =>
        Assert.Equal((0.0, 1.0), (PairedTTest.Of([0.1, 0.7, 0.2], [0.1, 0.7, 0.2]).T, PairedTTest.Of([0.1, 0.7, 0.2], [0.1, 0.7, 0.2]).P));

    [Fact]
    public void One_and_the_same_difference_for_all_users_has_p_0()
    {
        // The mean of many 0.1 is not 0.1 in floating point; that must not pass for a variance.
        var lower = PairedTTest.Of(new double[1001], [.. Enumerable.Repeat(0.1, 1001)]);
        Assert.Equal((double.NegativeInfinity, 0.0), (lower.T, lower.P));
    }

    [Fact]
    public void One_user_is_too_few() => Assert.Throws<ArgumentException>(() => PairedTTest.Of([1], [2]));
}
