using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace LmmRec.Ingest.Http;

/// <summary>
/// How one host is asked: at its pace; again after faults that may pass; and not at all for a while where almost everything of late ended with such
/// a fault. Whoever comes in such a while is put off, until the host is back or has been away for as long as we wait.
/// </summary>
internal sealed class Host
{
    // A server may ask for an hour's patience (Retry-After); nobody waits so long for one picture.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);

    // A host is away when nine of ten attempts within half a minute failed, of at least as many as are under way at a time by default.
    private const int FewestAttempts = 8;
    private const double AwayShare = 0.9;
    private static readonly TimeSpan Recently = TimeSpan.FromSeconds(30);

    // It is asked again after 5, 10, 20, … seconds.
    private static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(5), LongestBreak = TimeSpan.FromSeconds(60);

    private readonly FetchPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly Pace _pace;
    private readonly ResiliencePipeline<Attempt> _pipeline;
    private volatile Absence? _absence;

    /// <param name="Since">when the first attempts failed, as a timestamp of the clock: the time of day may be set back meanwhile</param>
    /// <param name="Fault">of the last one</param>
    private sealed record Absence(long Since, string? Fault);

    /// <param name="policy">how</param>
    /// <param name="clock">measures waits</param>
    /// <param name="retried">is told of each attempt that is not the first</param>
    public Host(FetchPolicy policy, TimeProvider clock, Action retried)
    {
        (_policy, _clock, _pace) = (policy, clock, new Pace(policy.RequestsPerSecond, clock));
        _pipeline = new ResiliencePipelineBuilder<Attempt> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<Attempt> // puts off
            {
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is BrokenCircuitException && !IsGivenUp),
                MaxRetryAttempts = int.MaxValue,
                Delay = FirstBreak / 5,
                UseJitter = true,
            })
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result.MayPass),
                MaxRetryAttempts = policy.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstWait,
                MaxDelay = LongestWait,
                OnRetry = _ =>
                {
                    retried();
                    return default;
                },
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempt>
            {
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result.MayPass),
                FailureRatio = AwayShare,
                MinimumThroughput = FewestAttempts,
                SamplingDuration = Recently,
                BreakDurationGenerator = args => ValueTask.FromResult(Least(LongestBreak, FirstBreak * Math.Pow(2, Math.Min(args.HalfOpenAttempts, 10)))),
                OnOpened = args =>
                {
                    _absence = new Absence(_absence?.Since ?? clock.GetTimestamp(), args.Outcome.Result.Fault);
                    return default;
                },
                OnClosed = _ =>
                {
                    _absence = null;
                    return default;
                },
            })
            .Build();
    }

    // Once given up, nothing is put off any more; yet if the host is back at one of the later attempts, all is as before.
    private bool IsGivenUp => _absence is { } absence && _clock.GetElapsedTime(absence.Since) >= _policy.GiveUp;

    /// <summary>Asks as often as it takes.</summary>
    public async Task<Attempt> AskAsync(Func<CancellationToken, ValueTask<Attempt>> attempt, CancellationToken cancellation)
    {
        Attempt last;
        try
        {
            last = await _pipeline.ExecuteAsync(async token =>
            {
                await _pace.WaitAsync(token);
                var outcome = await attempt(token);
                if (outcome is { MayPass: true, RetryAfter: { } wish }) _pace.Hold(Least(wish, LongestWait)); // it is meant for all who ask the host
                return outcome;
            }, cancellation);
        }
        catch (BrokenCircuitException)
        {
            last = new Attempt(FetchEnd.HostAway, $"the host has been away for {_policy.GiveUp.TotalSeconds} s ({_absence?.Fault})");
        }
        cancellation.ThrowIfCancellationRequested(); // Polly then hands out the last fault, which would have been tried again and so is no outcome
        return last;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
