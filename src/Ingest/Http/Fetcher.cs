using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.Retry;

namespace LmmRec.Ingest.Http;

/// <summary>
/// Fetches over HTTP(S) and tries again after faults that may pass. One attempt is the request and the whole body: a server that falls silent or
/// breaks off in the middle of a body is tried again like one that answers 503, and so is one that after twice the idle time sends less than 8 KiB/s.
/// </summary>
internal sealed class Fetcher : IDisposable
{
    // A server may ask for an hour's patience (Retry-After); nobody waits so long for one picture.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);

    // A server that drips a byte now and then is never silent, yet must not hold its place for ever.
    private const int SlowestBytesPerSecond = 8 << 10;

    private readonly HttpClient _client;
    private readonly TimeSpan _idle;
    private readonly ResiliencePipeline<Attempt> _pipeline;
    private long _retries, _bytes;

    /// <param name="idle">longest silence of a server</param>
    /// <param name="retries">attempts after the first</param>
    /// <param name="hosts">names that stand for an endpoint on this machine; all other private addresses are refused</param>
    public Fetcher(TimeSpan idle, int retries, IReadOnlyDictionary<string, IPEndPoint> hosts)
    {
        _idle = idle;
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = new Connector(hosts).ConnectAsync,
            ConnectTimeout = idle,
            UseProxy = false, // a proxy would connect on our behalf, past the connector's check
            MaxAutomaticRedirections = 5,
            AutomaticDecompression = DecompressionMethods.None,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // silence is what counts, and HttpClient's own time-out does not reach the body
            DefaultRequestHeaders = { { "User-Agent", "lmmrec" } },
        };
        _pipeline = new ResiliencePipelineBuilder<Attempt>().AddRetry(new RetryStrategyOptions<Attempt>
        {
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result.MayPass),
            MaxRetryAttempts = retries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstWait,
            MaxDelay = LongestWait,
            DelayGenerator = args => ValueTask.FromResult(Bounded(args.Outcome.Result.RetryAfter)),
            OnRetry = _ =>
            {
                Interlocked.Increment(ref _retries);
                return default;
            },
        }).Build();
    }

    /// <summary>Attempts that were not the first.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Bytes of bodies received.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Fetches <paramref name="url"/> into <paramref name="sink"/>, which holds the body of the last attempt alone.</summary>
    /// <returns>null when it is there, else why it is not.</returns>
    /// <exception cref="IOException">The sink cannot be written, such as a full disk.</exception>
    public async Task<string?> FetchAsync(Uri url, Stream sink, long maxBytes, CancellationToken cancellation)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")) return "is no http(s) address";
        var attempt = await _pipeline.ExecuteAsync(async (state, token) =>
            await state.Fetcher.AttemptAsync(state.Url, state.Sink, state.MaxBytes, token), (Fetcher: this, Url: url, Sink: sink, MaxBytes: maxBytes), cancellation);
        return attempt.Fault;
    }

    /// <summary>How long a server's wish is heeded; null: it has none.</summary>
    internal static TimeSpan? Bounded(TimeSpan? retryAfter) => retryAfter > LongestWait ? LongestWait : retryAfter < TimeSpan.Zero ? null : retryAfter;

    public void Dispose() => _client.Dispose();

    private async ValueTask<Attempt> AttemptAsync(Uri url, Stream sink, long maxBytes, CancellationToken cancellation)
    {
        sink.SetLength(0);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        var (writing, slow) = (false, false);
        var watch = Stopwatch.StartNew();
        try
        {
            silence.CancelAfter(_idle);
            using var response = await _client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            if (!response.IsSuccessStatusCode) return Attempt.Answered(response);
            await using var body = await response.Content.ReadAsStreamAsync(silence.Token);
            while (true)
            {
                var left = 2 * _idle + TimeSpan.FromSeconds((double)sink.Length / SlowestBytesPerSecond) - watch.Elapsed;
                slow = left < _idle;
                silence.CancelAfter(!slow ? _idle : left > TimeSpan.Zero ? left : TimeSpan.Zero);
                var count = await body.ReadAsync(buffer, silence.Token);
                if (count == 0) return default;
                if (sink.Length + count > maxBytes) return Attempt.Final($"is larger than {maxBytes} bytes");
                Interlocked.Add(ref _bytes, count);
                writing = true;
                await sink.WriteAsync(buffer.AsMemory(0, count), cancellation);
                writing = false;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Attempt.Passing(slow ? $"the server sends less than {SlowestBytesPerSecond} bytes a second" : $"the server was silent for {_idle.TotalSeconds} s");
        }
        catch (HttpRequestException e) when (e.InnerException is BlockedAddressException blocked)
        {
            return Attempt.Final(blocked.Message);
        }
        catch (Exception e) when (e is HttpRequestException || (e is IOException && !writing))
        {
            return Attempt.Passing(e.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>How an attempt ended: without a fault, or with one that may pass or will not.</summary>
    private readonly record struct Attempt(string? Fault, bool MayPass, TimeSpan? RetryAfter)
    {
        public static Attempt Passing(string fault) => new(fault, MayPass: true, RetryAfter: null);

        public static Attempt Final(string fault) => new(fault, MayPass: false, RetryAfter: null);

        public static Attempt Answered(HttpResponseMessage response)
        {
            var status = (int)response.StatusCode;
            return new Attempt($"HTTP {status}", MayPass: status is 408 or 429 or >= 500, Wish(response.Headers));
        }

        // Seconds, or a moment on the server's clock, which is not ours.
        private static TimeSpan? Wish(HttpResponseHeaders headers) => headers.RetryAfter is { } after ? after.Delta ?? after.Date - headers.Date : null;
    }
}
