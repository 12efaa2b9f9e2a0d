using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LmmRec.Artifacts;
using LmmRec.Encoders.Weights;

namespace LmmRec.Encoders.Tests.Weights;

public sealed class DownloadTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private static readonly byte[] Other = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 7))];

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    private string Target => _folder.PathOf("w.bin");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_download_that_breaks_off_goes_on()
    {
        using var server = new FileServer { BreaksFirst = true, ["/w.bin"] = Content };
        await FetchAsync(server);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target, _cancellation));
        Assert.True(server.Ranges.Count > 1 && server.Ranges[1] > 0, "the second request asks for the rest only");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_download_that_another_run_began_is_finished(bool isTagged)
    {
        await BeginAsync(Content[..500], isTagged ? Content : null);
        using var server = new FileServer { ["/w.bin"] = Content };
        await FetchAsync(server, isTagged ? null : Convert.ToHexStringLower(SHA256.HashData(Content)));
        Assert.Equal([500], server.Ranges);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target, _cancellation));
    }

    [Fact]
    public async Task What_is_whole_already_is_not_fetched_again()
    {
        await BeginAsync(Content, Content);
        using var server = new FileServer { ["/w.bin"] = Content };
        await FetchAsync(server);
        Assert.Equal([1000], server.Ranges);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target, _cancellation));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(1000)]
    [InlineData(1500)]
    public async Task Bytes_of_two_contents_are_never_mixed(int there)
    {
        await BeginAsync([.. Other, .. Other[..500]], Other, there);
        using var server = new FileServer { ["/w.bin"] = Content };
        await FetchAsync(server);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target, _cancellation));
    }

    [Fact]
    public async Task What_nothing_is_known_of_is_fetched_anew()
    {
        await BeginAsync(Other[..500], null);
        using var server = new FileServer { Tags = false, ["/w.bin"] = Content };
        await FetchAsync(server);
        Assert.Equal([0], server.Ranges);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target, _cancellation));
    }

    [Fact]
    public async Task A_file_that_is_longer_than_the_servers_is_fetched_anew()
    {
        await BeginAsync([.. Content, 1, 2, 3], null);
        using var server = new FileServer { ["/w.bin"] = Content };
        await FetchAsync(server, Convert.ToHexStringLower(SHA256.HashData(Content)));
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target, _cancellation));
    }

    [Fact]
    public async Task A_download_of_another_content_than_the_card_says_is_refused_and_deleted()
    {
        using var server = new FileServer { ["/w.bin"] = new byte[1000] };
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => FetchAsync(server, new string('0', 64)));
        Assert.Contains("has the SHA-256 541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53, the card says 0000", error.Message);
        Assert.False(File.Exists(Target));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_server_that_takes_the_request_and_never_answers_is_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/w.bin");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => new Download(client, new ImpatientClock()).FetchAsync(address, Target, null, "ask", new Silence(), TestContext.Current.CancellationToken));
        Assert.Contains("cannot be fetched: the server was silent for 60 seconds", error.Message);
    }

    [Fact]
    public async Task Who_is_offline_is_told_at_once_what_to_do()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/w.bin");
        listener.Stop();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => FetchAsync(address, null, new BusyClock()));
        Assert.Contains("cannot be reached", error.Message);
        Assert.Contains("name your proxy with --proxy, or put it there", error.Message);
    }

    [Fact]
    public async Task A_proxy_fetches_where_one_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = AnswerAsync();
        await FetchAsync(new Uri("http://weights.invalid/w.bin"), null, TimeProvider.System, proxy: new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"));
        Assert.Equal("GET http://weights.invalid/w.bin HTTP/1.1", await asked);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target, _cancellation));

        async Task<string?> AnswerAsync()
        {
            using var connection = await listener.AcceptTcpClientAsync(_cancellation);
            using var reader = new StreamReader(connection.GetStream());
            var first = await reader.ReadLineAsync(_cancellation);
            while (await reader.ReadLineAsync(_cancellation) is { Length: > 0 }) { }
            await connection.GetStream().WriteAsync((byte[])[.. "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n"u8, .. Content], _cancellation);
            return first;
        }
    }

    [Fact]
    public async Task A_proxy_is_given_its_password_and_no_message_is()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = RefuseAsync();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => FetchAsync(new Uri("http://me:secret@weights.invalid/w.bin?key=secret"), null, TimeProvider.System,
            proxy: new Uri($"http://you:secret%21@127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}")));
        Assert.Equal("Proxy-Authorization: Basic eW91OnNlY3JldCE=", await asked);
        Assert.StartsWith("http://weights.invalid/w.bin: the server refuses it", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);

        // It asks who wants to pass, and refuses whoever that is.
        async Task<string?> RefuseAsync()
        {
            string? answer = null;
            while (answer is null)
            {
                using var connection = await listener.AcceptTcpClientAsync(_cancellation);
                using var reader = new StreamReader(connection.GetStream());
                for (string? line; (line = await reader.ReadLineAsync(_cancellation)) is { Length: > 0 };)
                    if (line.StartsWith("Proxy-Authorization:", StringComparison.Ordinal)) answer = line;
                var refusal = answer is null ? "407 Who are you\r\nProxy-Authenticate: Basic realm=\"proxy\"" : "403 Not you";
                await connection.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), _cancellation);
            }
            return answer;
        }
    }

    [Fact]
    public async Task A_page_that_came_instead_of_the_file_is_not_kept()
    {
        using var server = new FileServer { ["/w.bin"] = "<!doctype html><title>Log in</title>"u8.ToArray() };
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => FetchAsync(server));
        Assert.Contains(": is a web page, not the file: open the address in a browser", error.Message);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task An_empty_file_is_not_kept()
    {
        using var server = new FileServer { ["/w.bin"] = [] };
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => FetchAsync(server));
        Assert.Contains(": the server sent an empty file; or put it there", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
    }

    private Task BeginAsync(byte[] bytes, byte[]? of, int? length = null)
    {
        File.WriteAllBytes(Target, bytes[..(length ?? bytes.Length)]);
        return of is null ? Task.CompletedTask : File.WriteAllTextAsync(Target + ".version", FileServer.TagOf(of), _cancellation);
    }

    private Task FetchAsync(FileServer server, string? sha256 = null) => FetchAsync(new Uri($"{server.Address}w.bin"), sha256, new ImpatientClock(below: TimeSpan.FromSeconds(59)));

    private async Task FetchAsync(Uri address, string? sha256, TimeProvider clock, Uri? proxy = null)
    {
        using var client = EncoderModels.NewClient(proxy);
        await new Download(client, clock).FetchAsync(address, Target, sha256, "put it there", new Silence(), _cancellation);
    }

    /// <summary>A clock on which nobody waits for another attempt; waits for a silent server are longer.</summary>
    private sealed class BusyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            dueTime >= TimeSpan.FromSeconds(60) ? base.CreateTimer(callback, state, dueTime, period) : throw new InvalidOperationException($"waits for {dueTime}");
    }

    /// <summary>A clock on which every wait is over at once, or every wait that is shorter than <paramref name="below"/>, such as those between attempts.</summary>
    private sealed class ImpatientClock(TimeSpan? below = null) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime < (below ?? TimeSpan.MaxValue) && dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }
}
