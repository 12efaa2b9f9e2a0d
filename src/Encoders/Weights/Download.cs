using System.Net;
using System.Net.Http.Headers;
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
    private const string Partial = ".part";
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<IOException>().Handle<HttpRequestException>(MayPass).Handle<TimeoutException>(),
            MaxRetryAttempts = 5,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromSeconds(1),
        }).Build();

    /// <summary>Fetches <paramref name="address"/> to <paramref name="path"/>, unless it is there already with the right content.</summary>
    /// <param name="address">http or https</param>
    /// <param name="path">the file; until it is whole its name ends in .part</param>
    /// <param name="sha256">what the content must be; null: not known</param>
    /// <param name="progress">shows the bytes</param>
    /// <param name="cancellation">ends the fetching; what came stays for the next time</param>
    /// <exception cref="InvalidInputException">The server refuses, does not answer, or the content is another.</exception>
    public async Task FetchAsync(Uri address, string path, string? sha256, IProgressSink progress, CancellationToken cancellation)
    {
        if (File.Exists(path) && (sha256 is null || await Hashing.OfFileAsync(path, cancellation) == sha256)) return;
        using (var task = progress.Start($"fetch {Path.GetFileName(path)}", null))
        {
            try
            {
                await _pipeline.ExecuteAsync(async token => await ContinueAsync(address, path + Partial, task, token), cancellation);
            }
            catch (HttpRequestException e) when (!MayPass(e))
            {
                throw new InvalidInputException($"{address}: the server refuses it: {e.Message} Check the address, or fetch the file yourself and name it", e);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
            {
                throw new InvalidInputException($"{address}: cannot be fetched: {e.Message}; what came is kept, so the same command goes on from there", e);
            }
        }
        var actual = await Hashing.OfFileAsync(path + Partial, cancellation);
        if (sha256 is not null && actual != sha256)
        {
            File.Delete(path + Partial);
            throw new InvalidInputException($"{address}: has the SHA-256 {actual}, the card says {sha256}; it was deleted");
        }
        File.Move(path + Partial, path, overwrite: true);
    }

    private async Task ContinueAsync(Uri address, string path, IProgressTask task, CancellationToken cancellation)
    {
        var there = File.Exists(path) ? new FileInfo(path).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (there > 0) request.Headers.Range = new RangeHeaderValue(there, null);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && response.Content.Headers.ContentRange?.Length == there) return; // all of it is there
        response.EnsureSuccessStatusCode();
        var goesOn = response.StatusCode == HttpStatusCode.PartialContent;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await using var file = new FileStream(path, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write);
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[1 << 17];
        while (true)
        {
            var read = await body.ReadAsync(buffer, cancellation).AsTask().WaitAsync(LongestSilence, clock, cancellation);
            if (read == 0) break;
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            task.Advance(read);
        }
        await file.FlushAsync(cancellation);
    }

    private static bool MayPass(HttpRequestException e) =>
        e.StatusCode is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
