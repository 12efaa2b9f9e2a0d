using System.Globalization;

namespace LmmRec.Cli.Terminal;

/// <summary>Counts units over time and says rate and time left.</summary>
internal sealed class Rate(TimeProvider clock, long? total)
{
    private readonly long _start = clock.GetTimestamp();

    public long Done { get; private set; }

    public TimeSpan Elapsed => clock.GetElapsedTime(_start);

    public double PerSecond => Done / Math.Max(1e-3, Elapsed.TotalSeconds);

    public void Advance(long units) => Done += units;

    /// <summary>Such as <c>300 in 7.3 s</c>.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{Done} in {Elapsed.TotalSeconds:0.0} s");

    /// <summary>The share that is done, 0 to 1; null where the total is not known.</summary>
    public double? Share => total is { } all ? Math.Clamp((double)Done / Math.Max(1, all), 0, 1) : null;

    /// <summary>Such as <c>120/300, 41.2/s, 4 s left</c>; nothing is foretold before the first unit is done.</summary>
    public string Describe()
    {
        var count = string.Create(CultureInfo.InvariantCulture, $"{Done}{(total is { } all ? $"/{all}" : "")}");
        if (Done == 0) return count;
        var rate = string.Create(CultureInfo.InvariantCulture, $"{count}, {PerSecond:0.#}/s");
        return total is { } known ? $"{rate}, {Describe(Math.Max(0, known - Done) / PerSecond)} left" : rate;
    }

    private static string Describe(double seconds) => seconds switch
    {
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.#} h"),
    };
}
