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

    /// <summary>Such as <c>120/300, 41.2/s, 4 s left</c>.</summary>
    public string Describe() => total is { } all
        ? string.Create(CultureInfo.InvariantCulture, $"{Done}/{all}, {PerSecond:0.#}/s, {Math.Max(0, all - Done) / Math.Max(1e-9, PerSecond):0} s left")
        : string.Create(CultureInfo.InvariantCulture, $"{Done}, {PerSecond:0.#}/s");
}
