using System.Globalization;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Tests;

public sealed class MomentTests
{
    [Theory]
    [InlineData("1529193600", "2018-06-17T00:00:00.000000")] // seconds, milliseconds and microseconds by size
    [InlineData("1529193600123", "2018-06-17T00:00:00.123000")]
    [InlineData("1529193600123456", "2018-06-17T00:00:00.123456")]
    [InlineData("99999999999", "5138-11-16T09:46:39.000000")]
    [InlineData("100000000000", "1973-03-03T09:46:40.000000")]
    [InlineData("0", "1970-01-01T00:00:00.000000")]
    [InlineData("-86400", "1969-12-31T00:00:00.000000")]
    [InlineData("1400000001.5", "2014-05-13T16:53:21.500000")]
    [InlineData("1.4E9", "2014-05-13T16:53:20.000000")]
    [InlineData("2018-06-17", "2018-06-17T00:00:00.000000")]
    [InlineData(" 2018-06-17 12:30 ", "2018-06-17T12:30:00.000000")]
    [InlineData("2018-06-17T12:30:15Z", "2018-06-17T12:30:15.000000")]
    [InlineData("2018-06-17T12:30:15.1234567Z", "2018-06-17T12:30:15.123456")]
    [InlineData("2018-06-17 12:30:15.5+00", "2018-06-17T12:30:15.500000")]
    [InlineData("2018-06-17 12:30:15+05:30", "2018-06-17T07:00:15.000000")]
    [InlineData("2018-06-17 12:30:15-0800", "2018-06-17T20:30:15.000000")]
    [InlineData("2018-06-17 12:30:15 UTC", "2018-06-17T12:30:15.000000")]
    [InlineData("2018-06-17T24:00", "2018-06-18T00:00:00.000000")]
    [InlineData("2016-02-29", "2016-02-29T00:00:00.000000")]
    public void A_time_is_a_number_since_1970_or_iso_8601(string text, string expected)
    {
        var time = Moment.Parse(text);
        Assert.Equal(expected, time?.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture));
        Assert.Equal(DateTimeKind.Utc, time!.Value.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("06 17, 2018")]
    [InlineData("17.06.2018")]
    [InlineData("2018-13-01")]
    [InlineData("2018-02-29")]
    [InlineData("0000-01-01")]
    [InlineData("2018-06-17T")]
    [InlineData("2018-06-17T12:61")]
    [InlineData("2018-06-17T12:30:15.")]
    [InlineData("2018-06-17T12:30:15+2")]
    [InlineData("2018-06-17T12:30:15+99:00")]
    [InlineData("2018-06-17 12:30 PM")]
    [InlineData("0001-01-01T00:00+01")]
    [InlineData("9999-12-31T24:00")]
    [InlineData("NaN")]
    [InlineData("1e300")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_no_time(string text) => Assert.Null(Moment.Parse(text));

    [Theory]
    [InlineData(TimeUnit.Seconds, "200000000000", "8307-10-01T19:33:20")]
    [InlineData(TimeUnit.Milliseconds, "1000", "1970-01-01T00:00:01")]
    [InlineData(TimeUnit.Microseconds, "1000000", "1970-01-01T00:00:01")]
    public void A_named_unit_overrules_the_size(TimeUnit unit, string text, string expected) =>
        Assert.Equal(expected, Moment.Parse(text, unit)?.ToString("s", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(TimeUnit.Seconds, "9223372036854775807")]
    [InlineData(TimeUnit.Milliseconds, "-9223372036854775808")]
    public void A_number_beyond_all_years_is_no_time_in_any_unit(TimeUnit unit, string text) => Assert.Null(Moment.Parse(text, unit));
}
