using System.Globalization;

namespace LmmRec.Evaluate.Report;

/// <summary>How numbers are written.</summary>
internal static class Numbers
{
    /// <summary>Adjusted p-values below it are marked (spec/data-and-evaluation.md section 5).</summary>
    public const double Significance = 0.05;

    private const double SmallestShown = 1e-4;

    /// <summary>A p-value as people read it: <c>p = 0.0123</c> or <c>p &lt; 0.0001</c>.</summary>
    public static string P(double p) => p < SmallestShown ? "p < 0.0001" : string.Create(CultureInfo.InvariantCulture, $"p = {p:F4}");
}
