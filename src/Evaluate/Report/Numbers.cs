using System.Globalization;

namespace LmmRec.Evaluate.Report;

/// <summary>How numbers are written.</summary>
internal static class Numbers
{
    private const double SmallestShown = 1e-4;

    /// <summary>A share as people read it: <c>20.5 %</c>, not to be broken over lines.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1}\u00A0%");

    /// <summary>How many of how many: <c>83 of 120 (69.2 %)</c>.</summary>
    public static string Share(int count, int of) => of == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{count} of {of} ({Percent((double)count / of)})");

    /// <summary>A p-value as people read it: <c>p = 0.0123</c> or <c>p &lt; 0.0001</c>, not to be broken over lines.</summary>
    public static string P(double p) =>
        p < SmallestShown ? "p\u00A0<\u00A00.0001" : string.Create(CultureInfo.InvariantCulture, $"p\u00A0=\u00A0{p:F4}");
}
