namespace LmmRec.Cli;

/// <summary>A clock that begins at another time and goes on from there as fast as <paramref name="clock"/>.</summary>
/// <param name="from">what it shows first</param>
/// <param name="clock">gives it its pace</param>
internal sealed class ShiftedClock(DateTimeOffset from, TimeProvider clock) : TimeProvider
{
    private readonly TimeSpan _shift = from - clock.GetUtcNow();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + _shift;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);
}
