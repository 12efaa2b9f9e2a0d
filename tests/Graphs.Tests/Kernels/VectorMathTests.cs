using System.Numerics;
using LmmRec.Graphs.Kernels;

namespace LmmRec.Graphs.Tests.Kernels;

public sealed class VectorMathTests
{
    [Fact]
    public void Exponentials_and_sigmoids_are_right_to_about_two_units_in_the_last_place()
    {
        const double Tolerance = 3e-7; // relative; a unit in the last place is at most 1.2e-7
        for (var x = -86.5f; x < 87.5f; x += 0.0173f)
        {
            Assert.Equal(1, VectorMath.Exp(new Vector<float>(x))[0] / Math.Exp(x), Tolerance);
            Assert.Equal(1, VectorMath.Sigmoid(new Vector<float>(x))[0] * (1 + Math.Exp(-x)), Tolerance);
        }
    }

    [Theory]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(-1000, 0)]
    [InlineData(1000, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(float.NaN, float.NaN)]
    public void A_sigmoid_holds_at_the_ends_and_passes_on_what_is_no_number(float x, float expected) =>
        Assert.Equal(expected, VectorMath.Sigmoid(new Vector<float>(x))[0], 1e-37f);
}
