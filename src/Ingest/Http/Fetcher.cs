using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LmmRec.Artifacts;

namespace LmmRec.Ingest.Http;

/// <summary>
/// Fetches over HTTP(S) and tries again after faults that may pass. One attempt is the request and the whole body: a server that falls silent or
/// breaks off in the middle of a body is tried again like one that answers 503, and so is one that after twice the idle time sends less than 8 KiB/s.
/// </summary>
internal sealed class Fetcher : IDisposable
{
    // A server that drips a byte now and then is never silent, yet must not hold its place for ever.
    private const int SlowestBytesPerSecond = 8 << 10;

    private const int MostRedirects = 5;

    private readonly FetchPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentDictionary<string, Host> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private long _retries, _bytes;

    /// <param name="policy">how</param>
    /// <param name="clock">measures time-outs and waits</param>
    /// <param name="embedded">names that stand for an endpoint on this machine</param>
    public Fetcher(FetchPolicy policy, TimeProvider clock, IReadOnlyDictionary<string, IPEndPoint>? embedded = null)
    {
        (_policy, _clock, _places) = (policy, clock, new SemaphoreSlim(policy.Concurrency));
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = new Connector(policy, clock, embedded).ConnectAsync,
            ConnectTimeout = policy.Idle,
            UseProxy = policy.Proxy is not null,
            Proxy = policy.Proxy is null ? null : ProxyAddress.Open(policy.Proxy),
            MaxConnectionsPerServer = policy.ConnectionsPerHost,
            PooledConnectionLifetime = Connector.AddressesLast, // a host may move
            AllowAutoRedirect = false, // each host on the way has its own pace
            AutomaticDecompression = DecompressionMethods.None,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // HttpClient's own time-out does not reach the body
        };
        _client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", policy.UserAgent);
    }

    /// <summary>Attempts that were not the first.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Bytes of bodies received.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many requests to one host are worth beginning at a time.</summary>
    public int ConnectionsPerHost => _policy.ConnectionsPerHost;

    /// <summary>Fetches <paramref name="url"/> into <paramref name="sink"/>, which holds the body of the last attempt alone.</summary>
    /// <param name="url">where it is; a user name and password in it are sent to its host, and not where that redirects to</param>
    /// <param name="sink">where it goes</param>
    /// <param name="maxBytes">the largest body that is taken</param>
    /// <param name="known">the version that we have, which need not come again</param>
    /// <param name="cancellation">ends the fetching</param>
    /// <exception cref="IOException">The sink cannot be written, such as a full disk.</exception>
    public Task<Fetched> FetchAsync(Uri url, Stream sink, long maxBytes, ContentVersion? known, CancellationToken cancellation) =>
        AskAsync(url, (at, token) => AttemptAsync(at, sink, maxBytes, known, part: null, token), cancellation);

    /// <summary>
    /// Fetches <paramref name="url"/> into the file at <paramref name="path"/>, of which an earlier call, in this process or another, may have got a part
    /// or all; the server is asked for the rest. It is tried again for as long as more of it comes. Where it is <paramref name="known"/> and unchanged,
    /// there is no file.
    /// </summary>
    /// <inheritdoc cref="FetchAsync"/>
    public async Task<Fetched> FetchFileAsync(Uri url, string path, long maxBytes, ContentVersion? known, CancellationToken cancellation)
    {
        using var part = new PartialFile(path);
        while (true)
        {
            var before = part.Stream.Length;
            var fetched = await AskAsync(url, (at, token) => AttemptAsync(at, part.Stream, maxBytes, part.Stream.Length == 0 ? known : null, part, token), cancellation);
            if (fetched.End != FetchEnd.Failed || part.Stream.Length <= before) return fetched;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _places.Dispose();
    }

    private async Task<Fetched> AskAsync(Uri url, Func<Uri, CancellationToken, ValueTask<Attempt>> attempt, CancellationToken cancellation)
    {
        if (!IsWeb(url)) return new Fetched(FetchEnd.Failed, "is no http(s) address", null, null, 0);
        var attempts = 0;
        for (var redirects = 0; ; redirects++)
        {
            var last = await AskHostAsync(url);
            if (last.MovedTo is null) return Outcome(last);
            if (redirects == MostRedirects) return Outcome(Attempt.Final($"redirects more than {MostRedirects} times", last.HttpStatus));
            if (Target(url, last.MovedTo) is not { } target)
                return Outcome(Attempt.Final("redirects to an address that is not followed (https to http, or another scheme)", last.HttpStatus));
            url = target;
            attempts--;
        }

        async Task<Attempt> AskHostAsync(Uri at) =>
            await _hosts.GetOrAdd(at.Authority, _ => new Host(_policy, _clock, () => Interlocked.Increment(ref _retries))).AskAsync(async token =>
            {
                await _places.WaitAsync(token);
                try
                {
                    attempts++;
                    return await attempt(at, token);
                }
                finally
                {
                    _places.Release();
                }
            }, cancellation);

        Fetched Outcome(Attempt last) => new(last.End, last.Fault, last.HttpStatus, last.Version, attempts);
    }

    private static bool IsWeb(Uri url) => url.IsAbsoluteUri && url.Scheme is "http" or "https";

    // Without a user name and password, be they of the address before or written into the new one; null: it is not followed.
    private static Uri? Target(Uri from, Uri movedTo) =>
        Uri.TryCreate(from, movedTo, out var target) && IsWeb(target) && (from.Scheme == "http" || target.Scheme == "https")
            ? new Uri(target.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped)) : null;

    private async ValueTask<Attempt> AttemptAsync(
        Uri url, Stream sink, long maxBytes, ContentVersion? known, PartialFile? part, CancellationToken cancellation)
    {
        if (part is null) sink.SetLength(0);
        using var timeOut = new CancellationTokenSource(_policy.Idle, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeOut.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        var start = _clock.GetTimestamp();
        var (writing, late, received) = (false, Silent(), 0L);
        try
        {
            using var request = Request(url, known);
            part?.Ask(request.Headers);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
            if (part is not null && part.IsWhole(response)) return Attempt.Came(response);
            if (part is not null && (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)) part.Take(response);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || (response.StatusCode == HttpStatusCode.PartialContent && sink.Length == 0))
                return Attempt.Passing("the server has another file than the one that was begun");
            var isThere = response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified;
            if (isThere && part is null && _policy.HonourOptOut && OptOut.In(response.Headers) is { } word) // it speaks of pictures
                return new Attempt(FetchEnd.OptedOut, $"the server bars it from such use (X-Robots-Tag: {word})", HttpStatus: (int)response.StatusCode);
            if (!response.IsSuccessStatusCode) return Attempt.Refused(response, isConditional: known is not null);
            if (response.Content.Headers.ContentLength > maxBytes - sink.Length) return TooLarge(response);
            await using var body = await response.Content.ReadAsStreamAsync(stop.Token);
            while (true)
            {
                timeOut.CancelAfter(Patience());
                var count = await body.ReadAsync(buffer, stop.Token);
                if (count == 0) return sink.Length > 0 ? Attempt.Came(response) : Attempt.Final("the server sent an empty file", (int)response.StatusCode);
                if (sink.Length + count > maxBytes) return TooLarge(response);
                received += count;
                Interlocked.Add(ref _bytes, count);
                writing = true;
                await sink.WriteAsync(buffer.AsMemory(0, count), cancellation);
                writing = false;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Attempt.Passing(late);
        }
        catch (Exception e) when (e is HttpRequestException || (e is IOException && !writing))
        {
            return Attempt.Broken(e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // How long the next bytes may take: until the server counts as silent, as too slow, or its time is over.
        TimeSpan Patience()
        {
            var elapsed = _clock.GetElapsedTime(start);
            var patience = _policy.Idle;
            late = Silent();
            Bound(2 * _policy.Idle + TimeSpan.FromSeconds((double)received / SlowestBytesPerSecond), $"the server sends less than {SlowestBytesPerSecond} bytes a second");
            if (part is null) Bound(_policy.Total, $"the whole body took longer than {_policy.Total.TotalSeconds} s");
            return patience > TimeSpan.Zero ? patience : TimeSpan.Zero;

            void Bound(TimeSpan limit, string why)
            {
                if (limit - elapsed < patience) (patience, late) = (limit - elapsed, why);
            }
        }

        string Silent() => $"the server was silent for {_policy.Idle.TotalSeconds} s";

        Attempt TooLarge(HttpResponseMessage response) => Attempt.Final($"is larger than {maxBytes} bytes", (int)response.StatusCode);
    }

    private static HttpRequestMessage Request(Uri url, ContentVersion? known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        known?.MakeConditional(request.Headers);
        if (url.UserInfo.Length > 0)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        return request;
    }
}
