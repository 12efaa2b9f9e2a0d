using System.Diagnostics;
using System.Net;
using LmmRec.Ingest.Http;
using Microsoft.AspNetCore.Http;

namespace LmmRec.Ingest.Tests;

public sealed class FetcherTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(0.4);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_busy_server_is_asked_again(int status)
    {
        await using var server = await WebServer.StartAsync((http, request) =>
        {
            if (request > 2) return http.Response.WriteAsync("here");
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Equal("here", await FetchAsync(server));
        Assert.Equal(3, server.Requests);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    public async Task A_refusal_is_a_fault_at_once(int status)
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Equal($"fault: HTTP {status}", await FetchAsync(server));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_a_fault_after_all_retries()
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        Assert.Equal("fault: HTTP 500", await FetchAsync(server));
        Assert.Equal(4, server.Requests);
    }

    [Fact]
    public async Task The_wait_that_a_server_asks_for_is_kept_but_not_for_an_hour()
    {
        await using var server = await WebServer.StartAsync((http, request) =>
        {
            if (request > 1) return http.Response.WriteAsync("here");
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        });
        var watch = Stopwatch.StartNew();
        Assert.Equal("here", await FetchAsync(server));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 20);

        Assert.Equal(TimeSpan.FromSeconds(30), Fetcher.Bounded(TimeSpan.FromHours(1)));
        Assert.Equal(TimeSpan.FromSeconds(5), Fetcher.Bounded(TimeSpan.FromSeconds(5)));
        Assert.Null(Fetcher.Bounded(null));
        Assert.Null(Fetcher.Bounded(TimeSpan.FromSeconds(-5)));
    }

    [Fact]
    public async Task A_wait_that_a_server_asks_for_as_a_date_is_measured_on_its_own_clock()
    {
        await using var server = await WebServer.StartAsync((http, request) =>
        {
            if (request > 1) return http.Response.WriteAsync("here");
            http.Response.StatusCode = 503;
            http.Response.Headers.Date = "Mon, 06 Jul 2020 10:00:00 GMT";
            http.Response.Headers.RetryAfter = "Mon, 06 Jul 2020 10:00:02 GMT";
            return Task.CompletedTask;
        });
        var watch = Stopwatch.StartNew();
        Assert.Equal("here", await FetchAsync(server));
        Assert.InRange(watch.Elapsed.TotalSeconds, 1.9, 20);
    }

    [Fact]
    public async Task A_server_that_drips_does_not_hold_its_place_for_ever()
    {
        await using var server = await WebServer.StartAsync(async (http, _) =>
        {
            using var drops = new PeriodicTimer(TimeSpan.FromSeconds(0.05));
            while (!http.RequestAborted.IsCancellationRequested && await drops.WaitForNextTickAsync(Cancellation))
            {
                await http.Response.WriteAsync(".", Cancellation);
                await http.Response.Body.FlushAsync(Cancellation);
            }
        });
        Assert.Equal("fault: the server sends less than 8192 bytes a second", await FetchAsync(server));
        Assert.Equal(4, server.Requests);
    }

    [Fact]
    public async Task A_body_that_stalls_is_given_up_and_fetched_again_from_its_start()
    {
        await using var server = await WebServer.StartAsync(async (http, request) =>
        {
            await http.Response.WriteAsync("the first half, ", Cancellation);
            await http.Response.Body.FlushAsync(Cancellation);
            if (request == 1) await Until(http.RequestAborted);
            await http.Response.WriteAsync("the second half", Cancellation);
        });
        Assert.Equal("the first half, the second half", await FetchAsync(server));
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_a_fault_that_says_so()
    {
        await using var server = await WebServer.StartAsync((http, _) => Until(http.RequestAborted));
        Assert.Equal("fault: the server was silent for 0.4 s", await FetchAsync(server));
        Assert.Equal(4, server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_cut_off_is_fetched_again(bool lengthKnown)
    {
        await using var server = await WebServer.StartAsync(async (http, request) =>
        {
            if (lengthKnown) http.Response.ContentLength = 8;
            await http.Response.WriteAsync("half", Cancellation);
            await http.Response.Body.FlushAsync(Cancellation);
            if (request == 1) http.Abort();
            else await http.Response.WriteAsync("half", Cancellation);
        });
        Assert.Equal("halfhalf", await FetchAsync(server));
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_file_larger_than_allowed_is_a_fault_at_once()
    {
        await using var server = await WebServer.StartAsync((http, _) => http.Response.Body.WriteAsync(new byte[200_000], Cancellation).AsTask());
        Assert.Equal("fault: is larger than 100000 bytes", await FetchAsync(server));
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0.0.0.0:{0}/")]
    [InlineData("http://169.254.169.254/")]
    public async Task An_address_of_this_machine_or_its_network_is_refused(string url)
    {
        await using var server = await WebServer.StartAsync((http, _) => http.Response.WriteAsync("secret"));
        var result = await FetchAsync(server, string.Format(System.Globalization.CultureInfo.InvariantCulture, url, server.Endpoint.Port));
        Assert.Contains("is an address of this machine or its network, which is not allowed", result, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task A_redirect_is_followed_but_not_to_an_address_of_this_machine()
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            if (http.Request.Path == "/moved") return http.Response.WriteAsync("here");
            http.Response.Redirect(http.Request.Path == "/inside" ? $"http://127.0.0.1:{http.Connection.LocalPort}/moved" : $"http://{WebServer.Host}/moved");
            return Task.CompletedTask;
        });
        Assert.Equal("here", await FetchAsync(server, $"http://{WebServer.Host}/old"));
        Assert.Contains("is an address of this machine", await FetchAsync(server, $"http://{WebServer.Host}/inside"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("fd12::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b:1::a00:1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("2001:0:a00:1::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("2001:200::1", true)]
    public void Only_public_addresses_are_public(string address, bool expected) => Assert.Equal(expected, Connector.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://shop.test/picture.jpg")]
    public async Task Other_protocols_are_refused(string url)
    {
        await using var server = await WebServer.StartAsync((http, _) => http.Response.WriteAsync("secret"));
        Assert.Equal("fault: is no http(s) address", await FetchAsync(server, url));
    }

    [Fact]
    public async Task Cancelling_ends_a_fetch_with_an_exception_and_no_retry()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var server = await WebServer.StartAsync(async (http, _) =>
        {
            await stop.CancelAsync();
            await Until(http.RequestAborted);
        });
        using var fetcher = Open(server, TimeSpan.FromSeconds(60));
        using var sink = new MemoryStream();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), sink, 100, stop.Token));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_full_disk_is_no_fault_of_the_server()
    {
        await using var server = await WebServer.StartAsync((http, _) => http.Response.WriteAsync("here"));
        using var fetcher = Open(server, Idle);
        await using var sink = new FullDisk();
        await Assert.ThrowsAsync<IOException>(() => fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), sink, 100, Cancellation));
        Assert.Equal(1, server.Requests);
    }

    private sealed class FullDisk : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("No space left on device");
    }

    private static Fetcher Open(WebServer server, TimeSpan idle) => new(idle, retries: 3, new Dictionary<string, IPEndPoint> { [WebServer.Host] = server.Endpoint });

    private static async Task<string> FetchAsync(WebServer server, string url = $"http://{WebServer.Host}/")
    {
        using var fetcher = Open(server, Idle);
        using var sink = new MemoryStream();
        return await fetcher.FetchAsync(new Uri(url), sink, maxBytes: 100_000, Cancellation) is { } fault ? $"fault: {fault}" : System.Text.Encoding.UTF8.GetString(sink.ToArray());
    }

    private static async Task Until(CancellationToken aborted)
    {
        var end = new TaskCompletionSource();
        await using var registration = aborted.Register(end.SetResult);
        await end.Task;
    }
}
