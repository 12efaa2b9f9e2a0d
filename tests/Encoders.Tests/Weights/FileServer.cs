using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using LmmRec.Artifacts.Store;

namespace LmmRec.Encoders.Tests.Weights;

/// <summary>A local server of files by path that honours ranges, and conditions on them by a tag of the content.</summary>
internal sealed class FileServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, byte[]> _files = new();

    public FileServer()
    {
        var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        probe.Stop();
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    /// <summary>Whether the first answer breaks off in the middle.</summary>
    public bool BreaksFirst { get; init; }

    /// <summary>Whether answers say what content they are of.</summary>
    public bool Tags { get; init; } = true;

    /// <summary>The status of what is not there.</summary>
    public int Absent { get; init; } = 404;

    /// <summary>Where each answer began.</summary>
    public List<long> Ranges { get; } = [];

    /// <summary>Addresses that stand for others.</summary>
    public ConcurrentDictionary<string, string> Redirects { get; } = new();

    /// <summary>What was asked for, and what was shown for it.</summary>
    public ConcurrentBag<(string Path, string? Authorization)> Requests { get; } = [];

    public byte[] this[string path] { set => _files[path] = value; }

    public static string TagOf(byte[] content) => $"\"{Hashing.OfBytes(content)}\"";

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Requests.Add((request.Url!.AbsolutePath, request.Headers["Authorization"]));
        if (Redirects.TryGetValue(request.Url.AbsolutePath, out var other))
        {
            (response.StatusCode, response.RedirectLocation) = (307, other);
            response.Close();
            return;
        }
        if (!_files.TryGetValue(request.Url.AbsolutePath, out var content))
        {
            response.StatusCode = Absent;
            response.Close();
            return;
        }
        var isSame = request.Headers["If-Range"] is not { } condition || condition == TagOf(content);
        var start = isSame && request.Headers["Range"] is { } range ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture) : 0;
        Ranges.Add(start);
        if (Tags) response.Headers["ETag"] = TagOf(content);
        if (start > 0) response.Headers["Content-Range"] = start < content.Length ? $"bytes {start}-{content.Length - 1}/{content.Length}" : $"bytes */{content.Length}";
        response.StatusCode = start == 0 ? 200 : start < content.Length ? 206 : 416;
        var end = BreaksFirst && Ranges.Count == 1 ? content.Length / 2 : content.Length;
        response.ContentLength64 = Math.Max(0, content.Length - start);
        await response.OutputStream.WriteAsync(content.AsMemory(Math.Min(start, end), Math.Max(0, end - start)));
        if (end < content.Length) response.Abort();
        else response.Close();
    }
}
