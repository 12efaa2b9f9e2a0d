using System.Globalization;

namespace LmmRec.Evaluate.Statistics;

/// <summary>A mean and its 95 % confidence interval by Student's t.</summary>
/// <param name="Mean">arithmetic mean</param>
/// <param name="HalfWidth">distance of either end from the mean; 0 for one value, which says nothing of its spread</param>
public readonly record struct MeanInterval(double Mean, double HalfWidth)
{
    public double Low => Mean - HalfWidth;

    public double High => Mean + HalfWidth;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mean:F4}, 95 % interval {Low:F4} to {High:F4}");

    /// <param name="values">at least one</param>
    public static MeanInterval Of(IReadOnlyCollection<double> values)
    {
        var mean = values.Average();
        if (values.Count == 1) return new MeanInterval(mean, 0);
        var variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return new MeanInterval(mean, CriticalT.Of(values.Count - 1) * Math.Sqrt(variance / values.Count));
    }
}
