namespace LmmRec.Ingest.Http;

/// <summary>Lets one through every so often, and none while it is held; those who wait go in the order in which they came.</summary>
/// <param name="perSecond">how many a second; infinite: all at once</param>
/// <param name="clock">measures the time</param>
internal sealed class Pace(double perSecond, TimeProvider clock)
{
    private readonly Lock _turn = new();
    private readonly TimeSpan _between = double.IsPositiveInfinity(perSecond) ? TimeSpan.Zero : TimeSpan.FromSeconds(1 / perSecond);
    private readonly long _start = clock.GetTimestamp();
    private TimeSpan _next, _heldUntil;

    /// <summary>Waits for one's turn; who waits while a hold begins takes another turn behind it.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        TimeSpan turn;
        do
        {
            (turn, var wait) = NextTurn();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, clock, cancellation);
        }
        while (IsHeldAt(turn));
    }

    /// <summary>Lets none through for <paramref name="time"/>.</summary>
    public void Hold(TimeSpan time)
    {
        lock (_turn)
        {
            var until = clock.GetElapsedTime(_start) + time;
            if (until > _heldUntil) _heldUntil = until;
            if (until > _next) _next = until;
        }
    }

    private (TimeSpan Turn, TimeSpan Wait) NextTurn()
    {
        lock (_turn)
        {
            var now = clock.GetElapsedTime(_start);
            var turn = _next > now ? _next : now;
            _next = turn + _between;
            return (turn, turn - now);
        }
    }

    private bool IsHeldAt(TimeSpan turn)
    {
        lock (_turn) return turn < _heldUntil;
    }
}
