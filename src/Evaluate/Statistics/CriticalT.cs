using MathNet.Numerics.Distributions;

namespace LmmRec.Evaluate.Statistics;

/// <summary>How many standard errors a 95 % interval reaches from the mean: the t with 2.5 % of Student's distribution on either side.</summary>
internal static class CriticalT
{
    private const double Outside = 0.05;

    /// <param name="degreesOfFreedom">at least 1</param>
    public static double Of(double degreesOfFreedom)
    {
        var t = StudentT.InvCDF(0, 1, degreesOfFreedom, 1 - Outside / 2); // searched to some eight digits; a step of Newton's doubles them
        return t + (PairedTTest.TwoSided(t, degreesOfFreedom) - Outside) / (2 * StudentT.PDF(0, 1, degreesOfFreedom, t));
    }
}
