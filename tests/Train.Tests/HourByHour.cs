namespace LmmRec.Train.Tests;

/// <summary>A clock on which an hour passes between any two looks at it, so that the state of a training is saved whenever it can be.</summary>
internal sealed class HourByHour : TimeProvider
{
    private long _hours;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => ++_hours * TimeSpan.TicksPerHour;
}
