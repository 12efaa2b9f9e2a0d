using System.Buffers;
using System.Globalization;

namespace LmmRec.Ingest.Interactions;

/// <summary>The unit of times that are numbers.</summary>
public enum TimeUnit
{
    /// <summary>By size: below 10^11 seconds, below 10^14 milliseconds, else microseconds; so seconds reach to the year 5138.</summary>
    Auto,
    Seconds,
    Milliseconds,
    Microseconds,
}

/// <summary>
/// Reads the time of an interaction as shops write it. A number counts from 1970 on. Anything else is ISO 8601 as databases export it: a date, or a
/// date and a time with a T or a blank between them, with seconds and their fraction or without, and with a zone (<c>Z</c>, <c>+02</c>,
/// <c>+02:00</c>, <c>+0200</c>, <c>UTC</c>) or without: UTC then.
/// </summary>
internal static class Moment
{
    private const int DateLength = 10; // yyyy-MM-dd

    private static readonly SearchValues<char> ZoneStarts = SearchValues.Create("Zz+-U ");

    /// <returns>UTC, to the microsecond; null where <paramref name="text"/> is no time between the years 1 and 9999.</returns>
    public static DateTime? Parse(ReadOnlySpan<char> text, TimeUnit unit = TimeUnit.Auto)
    {
        text = text.Trim();
        if (text.Length >= DateLength && text[4] == '-') return ParseIso(text);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return FromNumber(whole, unit);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? FromNumber(number, unit) : null;
    }

    private static DateTime? FromNumber(long number, TimeUnit unit)
    {
        var microseconds = number * (Int128)MicrosecondsIn(UnitOf(number, unit));
        return microseconds <= long.MaxValue && microseconds >= long.MinValue ? FromMicroseconds((long)microseconds) : null;
    }

    private static DateTime? FromNumber(double number, TimeUnit unit)
    {
        var microseconds = Math.Round(number * MicrosecondsIn(UnitOf(number, unit)));
        return Math.Abs(microseconds) < long.MaxValue ? FromMicroseconds((long)microseconds) : null; // not a number is not less
    }

    private static TimeUnit UnitOf(double number, TimeUnit unit) =>
        unit != TimeUnit.Auto ? unit : Math.Abs(number) < 1e11 ? TimeUnit.Seconds : Math.Abs(number) < 1e14 ? TimeUnit.Milliseconds : TimeUnit.Microseconds;

    private static long MicrosecondsIn(TimeUnit unit) => unit switch { TimeUnit.Seconds => 1_000_000, TimeUnit.Milliseconds => 1_000, _ => 1 };

    private static DateTime? FromMicroseconds(long microseconds)
    {
        const long first = -62_135_596_800_000_000, last = 253_402_300_799_999_999; // the years 1 to 9999
        return microseconds is >= first and <= last ? DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond) : null;
    }

    private static DateTime? ParseIso(ReadOnlySpan<char> text)
    {
        if (text[7] != '-' || !Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var day)) return null;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return null;
        var date = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc);
        if (text.Length == DateLength) return date;
        if (text[DateLength] is not ('T' or 't' or ' ')) return null;

        var rest = text[(DateLength + 1)..];
        var zone = rest.IndexOfAny(ZoneStarts);
        if (!TryClock(zone < 0 ? rest : rest[..zone], out var clock) || !TryOffset(zone < 0 ? [] : rest[zone..].Trim(), out var offset)) return null;
        return FromMicroseconds((date - DateTime.UnixEpoch + clock - offset).Ticks / TimeSpan.TicksPerMicrosecond);
    }

    // HH:mm, HH:mm:ss or HH:mm:ss.f…; the 60th second of a leap second is the next minute's first.
    private static bool TryClock(ReadOnlySpan<char> text, out TimeSpan clock)
    {
        clock = default;
        var (seconds, ticks) = (0, 0L);
        if (text.Length < 5 || text[2] != ':' || !Digits(text[..2], out var hours) || !Digits(text[3..5], out var minutes)) return false;
        if (text.Length > 5 && (text.Length < 8 || text[5] != ':' || !Digits(text[6..8], out seconds))) return false;
        if (text.Length > 8 && (text[8] is not ('.' or ',') || !TryFraction(text[9..], out ticks))) return false;
        if (hours > 24 || minutes > 59 || seconds > 60) return false;
        clock = new TimeSpan(hours, minutes, seconds) + new TimeSpan(ticks);
        return true;
    }

    private static bool TryFraction(ReadOnlySpan<char> text, out long ticks)
    {
        ticks = 0;
        var unit = TimeSpan.TicksPerSecond;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
            unit /= 10; // digits below a tick count nothing
            ticks += (c - '0') * unit;
        }
        return text.Length > 0;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text is [] or ['Z' or 'z'] or "UTC") return true;
        if (text[0] is not ('+' or '-') || text.Length < 3 || !Digits(text[1..3], out var hours)) return false;
        var rest = text[3..];
        if (rest is [':', ..]) rest = rest[1..];
        var minutes = 0;
        if (rest.Length > 0 && (rest.Length != 2 || !Digits(rest, out minutes))) return false;
        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return hours < 24 && minutes < 60;
    }

    private static bool Digits(ReadOnlySpan<char> text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
