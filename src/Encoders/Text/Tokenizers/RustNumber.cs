using System.Globalization;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>
/// A JSON number as Rust's serde_json reads it: the digits as one whole number, rounded, then divided by a power of ten, rounded again. The last bit may differ
/// from the nearest double, and where two ways through a text are equally likely but for that bit, it decides.
/// </summary>
internal static class RustNumber
{
    private const int Vanishing = -100_000; // an exponent of which nothing is left

    private static readonly double[] Powers = [.. Enumerable.Range(0, 309).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    /// <param name="json">the number as it stands in the file; it is finite</param>
    public static double Parse(string json)
    {
        var (significand, exponent, isFraction, isFull, at) = (0UL, 0, false, false, 0);
        for (; at < json.Length && json[at] is not ('e' or 'E'); at++)
        {
            if (json[at] == '.') isFraction = true;
            if (!char.IsAsciiDigit(json[at])) continue;
            var digit = (ulong)(json[at] - '0');
            isFull |= significand > (ulong.MaxValue - digit) / 10; // digits that do not fit are left out
            if (!isFull) significand = significand * 10 + digit;
            if (isFull != isFraction) exponent += isFull ? 1 : -1;
        }
        if (at < json.Length) exponent += int.TryParse(json.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power) ? Math.Max(power, Vanishing) : Vanishing;
        var value = (double)significand;
        for (; exponent < -308 && value != 0; exponent += 308) value /= Powers[308];
        value = exponent < 0 ? value / Powers[-Math.Max(exponent, -308)] : value * Powers[Math.Min(exponent, 308)];
        return json[0] == '-' ? -value : value;
    }
}
