using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using Polly;
using Polly.Retry;

namespace LmmRec.Encoders.Weights;

/// <summary>Fetches large public files: a broken download goes on where it stopped, also in another run, and the content is checked.</summary>
/// <param name="client">sends the requests</param>
/// <param name="clock">measures silence and waits</param>
internal sealed class Download(HttpClient client, TimeProvider clock)
{
    private const string Version = ".version";
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<IOException>().Handle<HttpRequestException>(MayPass).Handle<TimeoutException>(),
            MaxRetryAttempts = 5,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromSeconds(1),
        }).Build();

    /// <summary>Fetches <paramref name="address"/> to <paramref name="path"/>, where an earlier fetch of the same address may have left a part or all of it.</summary>
    /// <remarks>What is there is only kept when the server says that it is of the content it has now, or <paramref name="sha256"/> tells in the end.</remarks>
    /// <param name="address">http or https</param>
    /// <param name="path">the file; beside it, with the ending .version, lies what the server calls this content</param>
    /// <param name="sha256">what the content must be; null: not known</param>
    /// <param name="otherwise">what messages say can be done instead</param>
    /// <param name="progress">shows the bytes</param>
    /// <param name="cancellation">ends the fetching; what came stays for the next time</param>
    /// <exception cref="InvalidInputException">The server cannot be reached, refuses, does not answer, or the content is another.</exception>
    public async Task FetchAsync(Uri address, string path, string? sha256, string otherwise, IProgressSink progress, CancellationToken cancellation)
    {
        if (!await TryFetchAsync(address, path, sha256, otherwise, progress, cancellation))
            throw new InvalidInputException($"{Shown(address)}: the server refuses it: it has no such file (404). Check the address, or {otherwise}");
    }

    /// <summary>The same of a file that need not be there.</summary>
    /// <returns>Whether the server has it.</returns>
    public async Task<bool> TryFetchAsync(Uri address, string path, string? sha256, string otherwise, IProgressSink progress, CancellationToken cancellation)
    {
        if (sha256 is not null && File.Exists(path) && await Hashing.OfFileAsync(path, cancellation) == sha256) return true;
        using (var task = progress.Start($"fetch {Path.GetFileName(path)}", null))
        {
            try
            {
                await _pipeline.ExecuteAsync(async token => await ContinueAsync(address, path, sha256 is not null, otherwise, task, token), cancellation);
            }
            catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                return false;
            }
            catch (HttpRequestException e) when (!MayPass(e))
            {
                throw new InvalidInputException($"{Shown(address)}: the server refuses it: {e.Message} {(e.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "At a hub, set HF_TOKEN to a token that may read it. " : "")}Check the address, or {otherwise}", e);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
            {
                throw new InvalidInputException($"{Shown(address)}: cannot be fetched: {e.Message.TrimEnd('.')}; what came is kept, so the same command goes on from there", e);
            }
        }
        if (sha256 is null)
        {
            if ((new FileInfo(path).Length == 0 ? "the server sent an empty file" : StandIn.Of(path)) is not { } what) return true;
            File.Delete(path);
            throw new InvalidInputException($"{Shown(address)}: {what}; or {otherwise}");
        }
        var actual = await Hashing.OfFileAsync(path, cancellation);
        if (actual == sha256) return true;
        File.Delete(path);
        throw new InvalidInputException($"{Shown(address)}: has the SHA-256 {actual}, the card says {sha256}; it was deleted");
    }

    /// <summary>An address for messages: without user name, password and query, which may be a key.</summary>
    public static string Shown(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private async Task ContinueAsync(Uri address, string path, bool isChecked, string otherwise, IProgressTask task, CancellationToken cancellation)
    {
        var there = File.Exists(path) ? new FileInfo(path).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var known = File.Exists(path + Version) && RangeConditionHeaderValue.TryParse(await File.ReadAllTextAsync(path + Version, cancellation), out var version) ? version : null;
        if (there > 0 && (known is not null || isChecked)) (request.Headers.Range, request.Headers.IfRange) = (new RangeHeaderValue(there, null), known);
        using var response = await SendAsync(request, otherwise, cancellation);
        var range = response.Content.Headers.ContentRange;
        var isPart = response.StatusCode == HttpStatusCode.PartialContent;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && range?.Length == there) return; // all of it is there
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || (isPart && range?.From != there))
        {
            File.Delete(path);
            throw new IOException("the server has another file than the one that was begun");
        }
        response.EnsureSuccessStatusCode();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await using var file = new FileStream(path, isPart ? FileMode.Append : FileMode.Create, FileAccess.Write);
        if (!isPart) FileSystem.WriteAtomically(path + Version, stream => stream.Write(Encoding.UTF8.GetBytes(VersionOf(response)))); // the old content is gone by now
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[1 << 17];
        while (true)
        {
            var read = await NotSilentAsync(token => body.ReadAsync(buffer, token).AsTask(), cancellation);
            if (read == 0) break;
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            task.Advance(read);
        }
        await file.FlushAsync(cancellation);
    }

    // Who is offline is told at once.
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string otherwise, CancellationToken cancellation)
    {
        try
        {
            return await NotSilentAsync(token => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellation);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError)
        {
            throw new InvalidInputException($"{Shown(request.RequestUri!)}: cannot be reached: {e.Message.TrimEnd('.')}; name your proxy with --proxy, or {otherwise}", e);
        }
    }

    // What a later request for the rest is conditional on; empty where the server names nothing that tells contents apart.
    private static string VersionOf(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : response.Content.Headers.LastModified?.ToString("R") ?? "";

    private async Task<T> NotSilentAsync<T>(Func<CancellationToken, Task<T>> receive, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            return await receive(stop.Token).WaitAsync(LongestSilence, clock, cancellation);
        }
        catch (TimeoutException e)
        {
            await stop.CancelAsync();
            throw new TimeoutException($"the server was silent for {LongestSilence.TotalSeconds} seconds", e);
        }
    }

    private static bool MayPass(HttpRequestException e) =>
        e.StatusCode is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
