using System.Globalization;

namespace LmmRec.Cli.Estimates;

/// <summary>What a step is thought to take; null: it is not known.</summary>
/// <param name="Seconds">of the clock</param>
/// <param name="Memory">bytes that the process holds at most</param>
/// <param name="Disk">bytes of the artifact</param>
/// <param name="From">what this is told by, or why nothing is</param>
internal sealed record Estimate(double? Seconds, double? Memory, double? Disk, string From)
{
    /// <summary>Seconds in the unit that a reader thinks in.</summary>
    public static string Time(double? seconds) => seconds switch
    {
        null => "?",
        < 90 => Number(seconds.Value, "s"),
        < 90 * 60 => Number(seconds.Value / 60, "min"),
        < 48 * 3600 => Number(seconds.Value / 3600, "h"),
        _ => Number(seconds.Value / 86400, "days"),
    };

    /// <summary>Bytes in megabytes, or in gigabytes where they are many.</summary>
    public static string Size(double? bytes) => bytes switch
    {
        null => "?",
        < 1e9 => Number(bytes.Value / 1e6, "MB"),
        _ => Number(bytes.Value / 1e9, "GB"),
    };

    // An estimate has two digits that count.
    private static string Number(double value, string unit) => $"{value.ToString(value < 9.95 ? "0.0" : "#,0", CultureInfo.InvariantCulture)} {unit}";
}
