namespace LmmRec.Ingest.Http;

/// <summary>Lets one through every so often; those who wait go in the order in which they came.</summary>
/// <param name="perSecond">how many a second; infinite: all at once</param>
/// <param name="clock">measures the time</param>
internal sealed class Pace(double perSecond, TimeProvider clock)
{
    private readonly Lock _turn = new();
    private readonly TimeSpan _between = double.IsPositiveInfinity(perSecond) ? TimeSpan.Zero : TimeSpan.FromSeconds(1 / perSecond);
    private readonly long _start = clock.GetTimestamp();
    private TimeSpan _next;

    /// <summary>Waits for one's turn.</summary>
    public Task WaitAsync(CancellationToken cancellation)
    {
        if (_between == TimeSpan.Zero) return Task.CompletedTask;
        TimeSpan wait;
        lock (_turn)
        {
            var now = clock.GetElapsedTime(_start);
            if (_next < now) _next = now;
            wait = _next - now;
            _next += _between;
        }
        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellation) : Task.CompletedTask;
    }
}
