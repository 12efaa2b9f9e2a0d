using System.Globalization;

namespace LmmRec.Evaluate.Report.Plots;

/// <summary>Maps values to pixels, with round values to label.</summary>
/// <param name="Low">value at <paramref name="From"/></param>
/// <param name="High">value at <paramref name="To"/></param>
/// <param name="From">pixel of the low end</param>
/// <param name="To">pixel of the high end</param>
/// <param name="Step">distance of the round values</param>
internal sealed record Axis(double Low, double High, double From, double To, double Step)
{
    /// <summary>An axis that holds all of <paramref name="low"/> to <paramref name="high"/> and has some <paramref name="ticks"/> round values.</summary>
    public static Axis Over(double low, double high, double from, double to, int ticks)
    {
        if (high - low <= 0) (low, high) = (low - 0.5, high + 0.5);
        var rough = (high - low) / ticks;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 5, 10 }.First(factor => factor * power >= rough) * power;
        return new Axis(low, high, from, to, step);
    }

    /// <summary>The round values and their labels.</summary>
    public IEnumerable<(double Value, string Label)> Ticks
    {
        get
        {
            var decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(Step)));
            for (var i = (long)Math.Ceiling(Low / Step); i * Step <= High; i++)
                yield return (i * Step, (i * Step).ToString($"F{decimals}", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The pixel of a value, written for SVG.</summary>
    public string At(double value) => Pixel(From + (value - Low) / (High - Low) * (To - From));

    /// <summary>A coordinate, written for SVG.</summary>
    public static string Pixel(double pixel) => pixel.ToString("0.##", CultureInfo.InvariantCulture);
}
