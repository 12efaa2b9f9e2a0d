using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using LmmRec.Ingest.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace LmmRec.Ingest.Tests;

public sealed class FetcherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
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

    [Theory]
    [InlineData("3", 3)]
    [InlineData("Mon, 06 Jul 2020 10:00:02 GMT", 2)] // by the server's own clock, which stands at 10:00:00
    public void The_wait_that_a_server_asks_for_is_read_from_its_answer(string retryAfter, double seconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.TryAddWithoutValidation("Date", "Mon, 06 Jul 2020 10:00:00 GMT");
        response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        Assert.Equal(TimeSpan.FromSeconds(seconds), Attempt.Refused(response, isConditional: false).RetryAfter);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(3600, 30)] // nobody waits for an hour
    public async Task The_wait_that_a_server_asks_for_holds_all_who_ask_its_host(double asked, double kept)
    {
        var clock = new FakeTimeProvider();
        var host = new Http.Host(new FetchPolicy { RequestsPerSecond = 10 }, clock, () => { });
        var (busy, answered) = (true, new List<TimeSpan>());
        var start = clock.GetTimestamp();
        var first = AskAsync("first"); // its turn is at once, the second one's a tenth of a second later
        var second = AskAsync("second");
        clock.Advance(TimeSpan.FromSeconds(kept - 0.001));
        var third = AskAsync("third");
        Assert.Empty(answered);
        await PassAsync(clock, Task.WhenAll(first, second, third));
        Assert.Equal(3, answered.Count);
        Assert.All(answered, time => Assert.True(time >= TimeSpan.FromSeconds(kept), $"answered after {time}"));

        Task<Attempt> AskAsync(string who) => host.AskAsync(_ =>
        {
            if (busy)
            {
                busy = false;
                return ValueTask.FromResult(Attempt.Passing(who) with { RetryAfter = TimeSpan.FromSeconds(asked) });
            }
            lock (answered) answered.Add(clock.GetElapsedTime(start));
            return ValueTask.FromResult(new Attempt(FetchEnd.Came));
        }, Cancellation);
    }

    [Fact]
    public async Task Each_host_on_the_way_of_a_redirect_is_asked_at_its_own_pace()
    {
        var clock = new FakeTimeProvider();
        var times = new ConcurrentQueue<TimeSpan>();
        var start = clock.GetTimestamp();
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            if (http.Request.Host.Host == "pictures.test") times.Enqueue(clock.GetElapsedTime(start));
            else http.Response.Redirect($"http://pictures.test{http.Request.Path}");
            return http.Response.StatusCode == 302 ? Task.CompletedTask : http.Response.WriteAsync("here");
        });
        var shops = Enumerable.Range(0, 4).Select(i => $"shop{i}.test").ToList();
        using var fetcher = new Fetcher(Patient with { RequestsPerSecond = 0.01 }, clock, shops.Append("pictures.test").ToDictionary(name => name, _ => server.Endpoint));
        var all = Task.WhenAll(shops.Select(shop => fetcher.FetchAsync(new Uri($"http://{shop}/"), new MemoryStream(), 100, null, Cancellation)));
        Assert.All(await PassAsync(clock, all), f => Assert.Equal((FetchEnd.Came, 1), (f.End, f.Attempts)));
        // The requests lie 100 s apart; how much later each arrives depends on the machine.
        Assert.All(times.Order().Select((time, i) => (time, i)), t => Assert.True(t.time >= TimeSpan.FromSeconds(100 * t.i), $"request {t.i} after {t.time}"));
    }

    [Fact]
    public async Task A_host_is_asked_at_its_pace_and_another_one_is_not_held_up()
    {
        await using var server = await WebServer.StartAsync((http, _) => http.Response.WriteAsync("here"));
        var clock = new FakeTimeProvider();
        using var fetcher = new Fetcher(Patient with { RequestsPerSecond = 2 }, clock, new Dictionary<string, IPEndPoint> { ["a.test"] = server.Endpoint, ["b.test"] = server.Endpoint });
        var start = clock.GetTimestamp();
        var four = Task.WhenAll(Enumerable.Range(0, 4).Select(i => fetcher.FetchAsync(new Uri($"http://a.test/{i}"), new MemoryStream(), 100, null, Cancellation)));
        await fetcher.FetchAsync(new Uri("http://b.test/"), new MemoryStream(), 100, null, Cancellation);
        Assert.Equal(start, clock.GetTimestamp()); // b.test came while no time passed
        Assert.All(await PassAsync(clock, four), f => Assert.Null(f.Fault));
        Assert.True(clock.GetElapsedTime(start).TotalSeconds >= 1.5); // the first at once, then one every half second
    }

    [Fact]
    public async Task A_host_that_is_away_puts_off_what_is_wanted_from_it_and_gives_it_when_it_is_back()
    {
        var away = true;
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            if (!Volatile.Read(ref away)) return http.Response.WriteAsync("here");
            http.Abort();
            return Task.CompletedTask;
        });
        var clock = new FakeTimeProvider();
        using var fetcher = Open(server, Patient, clock);
        var pictures = Task.WhenAll(Enumerable.Range(0, 20).Select(i => fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/{i}"), new MemoryStream(), 100, null, Cancellation)));
        var start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < TimeSpan.FromSeconds(200)) await StepAsync(clock);
        Assert.False(pictures.IsCompleted);
        Assert.InRange(server.Requests, 1, 80); // it is let alone: without a break the four attempts of each would be over by now
        Volatile.Write(ref away, false);
        Assert.All(await PassAsync(clock, pictures), f => Assert.Equal((FetchEnd.Came, null), (f.End, f.Fault)));
    }

    [Fact]
    public async Task A_host_that_stays_away_is_given_up_after_the_stated_time()
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        var clock = new FakeTimeProvider();
        using var fetcher = Open(server, Patient with { GiveUp = TimeSpan.FromSeconds(90) }, clock);
        var start = clock.GetTimestamp();
        var fetched = await PassAsync(clock, Task.WhenAll(Enumerable.Range(0, 20).Select(i => fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/{i}"), new MemoryStream(), 100, null, Cancellation))));
        Assert.True(clock.GetElapsedTime(start).TotalSeconds >= 90);
        Assert.Equal("the host has been away for 90 s (An error occurred while sending the request.)", fetched.Last(f => f.End == FetchEnd.HostAway).Fault);
    }

    [Fact]
    public async Task What_is_unchanged_need_not_come_again()
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Response.Headers.ETag = "\"v1\"";
            http.Response.Headers.LastModified = "Mon, 06 Jul 2020 10:00:00 GMT";
            if (http.Request.Headers.IfNoneMatch == "\"v1\"" && http.Request.Headers.IfModifiedSince == "Mon, 06 Jul 2020 10:00:00 GMT") http.Response.StatusCode = 304;
            return http.Response.StatusCode == 304 ? Task.CompletedTask : http.Response.WriteAsync("here");
        });
        using var fetcher = Open(server, Patient);
        using var sink = new MemoryStream();
        var first = await fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), sink, 100, null, Cancellation);
        Assert.Equal((FetchEnd.Came, 200, 4L), (first.End, first.HttpStatus, sink.Length));
        var second = await fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), sink, 100, first.Version, Cancellation);
        Assert.Equal((FetchEnd.Unchanged, 304, 0L), (second.End, second.HttpStatus, sink.Length));
    }

    [Fact]
    public async Task That_it_is_unchanged_is_no_answer_to_who_has_nothing_yet()
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = 304;
            return Task.CompletedTask;
        });
        Assert.Equal("fault: HTTP 304", await FetchAsync(server));
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_breaks_off_goes_on_where_it_stopped_also_in_another_process(bool changes)
    {
        using var folder = new TemporaryFolder();
        var content = Enumerable.Range(0, 50_000).Select(i => (byte)(i * 7)).ToArray();
        var ranges = new ConcurrentQueue<string>();
        await using var server = await WebServer.StartAsync(async (http, request) =>
        {
            ranges.Enqueue(http.Request.Headers.Range.ToString());
            var tag = changes && request > 1 ? "\"v2\"" : "\"v1\"";
            http.Response.Headers.ETag = tag;
            var from = http.Request.Headers.IfRange == tag ? int.Parse(http.Request.Headers.Range.ToString()["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
            http.Response.StatusCode = from > 0 ? 206 : 200;
            if (from > 0) http.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
            http.Response.ContentLength = content.Length - from;
            await http.Response.Body.WriteAsync(content.AsMemory(from, request == 1 ? 20_000 : content.Length - from), Cancellation);
            await http.Response.Body.FlushAsync(Cancellation);
            if (request == 1) await Until(http.RequestAborted);
        });
        var path = folder.In("file");
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        using (var killed = Open(server, Patient))
        {
            var first = killed.FetchFileAsync(new Uri($"http://{WebServer.Host}/"), path, 1 << 20, null, stop.Token);
            while (killed.Bytes < 20_000) await Task.Delay(1, Cancellation);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }
        using var fetcher = Open(server, Patient);
        Assert.Null((await fetcher.FetchFileAsync(new Uri($"http://{WebServer.Host}/"), path, 1 << 20, null, Cancellation)).Fault);
        Assert.Equal(["", "bytes=20000-"], ranges);
        Assert.Equal(changes ? 50_000 : 30_000, fetcher.Bytes);
        Assert.Equal(content, await File.ReadAllBytesAsync(path, Cancellation));
    }

    [Fact]
    public async Task A_file_that_is_whole_is_not_fetched_again()
    {
        using var folder = new TemporaryFolder();
        await using var server = await WebServer.StartAsync((http, request) =>
        {
            http.Response.Headers.ETag = "\"v1\"";
            if (request == 1) return http.Response.WriteAsync("here");
            http.Response.StatusCode = 416;
            http.Response.Headers.ContentRange = "bytes */4";
            return Task.CompletedTask;
        });
        using var fetcher = Open(server, Patient);
        await File.WriteAllTextAsync(folder.In("file.version"), "\0\0\0", Cancellation); // as a power cut leaves it
        for (var i = 0; i < 2; i++) Assert.Null((await fetcher.FetchFileAsync(new Uri($"http://{WebServer.Host}/"), folder.In("file"), 100, null, Cancellation)).Fault);
        Assert.Equal((2, 4L, "here"), (server.Requests, fetcher.Bytes, await File.ReadAllTextAsync(folder.In("file"), Cancellation)));
    }

    [Theory]
    [InlineData("noai, noimageai", "noai")]
    [InlineData("NoIndex", "noindex")]
    [InlineData("nofollow, lmmrec: noimageai", "noimageai")]
    [InlineData("otherbot: noindex, noai", null)]
    [InlineData("max-image-preview:large, all", null)]
    public async Task What_a_server_bars_from_such_use_is_left_there(string header, string? word)
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Response.Headers["X-Robots-Tag"] = header;
            return http.Response.WriteAsync("here");
        });
        Assert.Equal(word is null ? "here" : $"fault: the server bars it from such use (X-Robots-Tag: {word})", await FetchAsync(server, Patient));
        Assert.Equal("here", await FetchAsync(server, Patient with { HonourOptOut = false }));

        // A published data set is no picture.
        using var folder = new TemporaryFolder();
        using var fetcher = Open(server, Patient);
        Assert.Null((await fetcher.FetchFileAsync(new Uri($"http://{WebServer.Host}/"), folder.In("file"), 100, null, Cancellation)).Fault);
    }

    [Fact]
    public async Task A_server_is_told_who_asks_and_a_password_in_an_address_goes_to_its_host_alone()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            seen.Enqueue($"{http.Request.Path} {http.Request.Headers.UserAgent} {http.Request.Headers.Authorization}");
            if (http.Request.Path != "/old") return http.Response.WriteAsync("here");
            http.Response.Redirect($"http://{WebServer.Host}/new");
            return Task.CompletedTask;
        });
        await FetchAsync(server, Patient with { UserAgent = "lmmrec/1 (+shop@example.org)" }, $"http://me:p%40ss@{WebServer.Host}/old");
        Assert.Equal(["/old lmmrec/1 (+shop@example.org) Basic bWU6cEBzcw==", "/new lmmrec/1 (+shop@example.org) "], seen);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Response.Redirect(http.Request.Path == "/a" ? "/b" : "/a");
            return Task.CompletedTask;
        });
        Assert.Equal("fault: redirects more than 5 times", await FetchAsync(server, Patient, $"http://{WebServer.Host}/a"));
        Assert.Equal(6, server.Requests);
    }

    [Theory]
    [InlineData("ftp://shop.test/picture.jpg")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_to_another_scheme_is_not_followed(string target)
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Response.Redirect(target);
            return Task.CompletedTask;
        });
        Assert.Equal("fault: redirects to an address that is not followed (https to http, or another scheme)", await FetchAsync(server, Patient));
    }

    [Fact]
    public async Task An_empty_file_is_a_fault_at_once_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var server = await WebServer.StartAsync((http, request) =>
        {
            http.Response.StatusCode = request == 1 ? 200 : 204;
            http.Response.Headers.ETag = "\"v1\"";
            return Task.CompletedTask;
        });
        using var fetcher = Open(server, Patient);
        for (var request = 1; request <= 2; request++)
            Assert.Equal("the server sent an empty file", (await fetcher.FetchFileAsync(new Uri($"http://{WebServer.Host}/"), folder.In("file"), 100, null, Cancellation)).Fault);
        Assert.Equal(2, server.Requests);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("HTTP/1.1 407 Who are you\r\n\r\n", "the proxy refuses to connect (HTTP 407)", 1)]
    [InlineData("HTTP/1.1 502 Bad gateway\r\n\r\n", "the proxy cannot connect (HTTP 502)", 4)]
    public async Task A_proxy_that_refuses_is_a_fault_at_once_and_one_that_cannot_connect_is_asked_again(string answer, string fault, int attempts)
    {
        using var proxy = new RawServer(answer);
        using var fetcher = new Fetcher(Patient with { Proxy = new Uri($"http://me:secret@{proxy.Endpoint}") }, TimeProvider.System);
        var fetched = await fetcher.FetchAsync(new Uri("https://shop.test/"), new MemoryStream(), 100, null, Cancellation);
        Assert.Equal((fault, attempts), (fetched.Fault, fetched.Attempts));
    }

    [Fact]
    public async Task What_is_no_answer_of_http_is_a_fault_at_once()
    {
        using var server = new RawServer("220 mail.test ESMTP\r\n\r\n");
        using var fetcher = new Fetcher(Patient, TimeProvider.System, new Dictionary<string, IPEndPoint> { [WebServer.Host] = server.Endpoint });
        var fetched = await fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), new MemoryStream(), 100, null, Cancellation);
        Assert.Equal((FetchEnd.Failed, 1), (fetched.End, fetched.Attempts));
    }

    [Fact]
    public void A_bad_certificate_is_a_fault_at_once()
    {
        var attempt = Attempt.Broken(new HttpRequestException(HttpRequestError.SecureConnectionError, "see inner", new AuthenticationException("the certificate is invalid: NotTimeValid")));
        Assert.Equal(("there is no secure connection: the certificate is invalid: NotTimeValid", false), (attempt.Fault, attempt.MayPass));
        Assert.True(Attempt.Broken(new HttpRequestException(HttpRequestError.SecureConnectionError, "broke off", new IOException())).MayPass);
    }

    [Fact]
    public async Task A_server_that_sends_steadily_but_never_ends_is_stopped_by_the_size_or_the_time()
    {
        await using var server = await WebServer.StartAsync(async (http, _) =>
        {
            while (!http.RequestAborted.IsCancellationRequested) await http.Response.Body.WriteAsync(new byte[1000], Cancellation);
        });
        Assert.Equal("fault: is larger than 100000 bytes", await FetchAsync(server, Patient));
        var hasty = Patient with { Total = TimeSpan.FromSeconds(0.3), Retries = 1 };
        Assert.Equal("fault: the whole body took longer than 0.3 s", await FetchAsync(server, hasty, maxBytes: long.MaxValue));
    }

    [Fact]
    public async Task A_private_address_that_is_listed_is_allowed()
    {
        await using var server = await WebServer.StartAsync((http, _) => http.Response.WriteAsync("here"));
        Assert.Equal("here", await FetchAsync(server, Patient with { PrivateHosts = ["localhost"] }, $"http://localhost:{server.Endpoint.Port}/"));
    }

    [Fact]
    public async Task A_proxy_connects_for_us_and_then_checks_addresses_itself()
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            if (http.Request.Headers.ProxyAuthorization.Count > 0) return http.Response.WriteAsync($"{http.Request.Host} {http.Request.Headers.ProxyAuthorization}");
            http.Response.StatusCode = 407;
            http.Response.Headers.ProxyAuthenticate = "Basic realm=\"proxy\"";
            return Task.CompletedTask;
        });
        Assert.Equal("10.0.0.1 Basic bWU6cEBzcw==", await FetchAsync(server, Patient with { Proxy = new Uri($"http://me:p%40ss@{server.Endpoint}") }, "http://10.0.0.1/"));
    }

    [Fact]
    public async Task A_resolver_that_is_busy_is_asked_again_and_its_answer_kept_for_a_while()
    {
        var (asked, clock) = (0, new FakeTimeProvider());
        var connector = new Connector(new FetchPolicy(), clock, resolve: (_, _) =>
            ++asked == 1 ? throw new SocketException((int)SocketError.TryAgain) : Task.FromResult(new[] { IPAddress.Parse("10.0.0.1"), IPAddress.Parse("8.8.8.8") }));
        Assert.Equal("8.8.8.8", (await PassAsync(clock, connector.AllowedAddressesAsync("shop.test", Cancellation))).Single().ToString());
        await connector.AllowedAddressesAsync("SHOP.test", Cancellation);
        Assert.Equal(2, asked);
        clock.Advance(Connector.AddressesLast * 2);
        await connector.AllowedAddressesAsync("shop.test", Cancellation);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task That_there_is_no_such_host_is_an_answer_and_kept_too()
    {
        var asked = 0;
        var connector = new Connector(new FetchPolicy(), TimeProvider.System, resolve: (_, _) =>
        {
            asked++;
            throw new SocketException((int)SocketError.HostNotFound);
        });
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<SocketException>(() => connector.AllowedAddressesAsync("gone.test", Cancellation));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_server_that_drips_does_not_hold_its_place_for_ever()
    {
        var clock = new FakeTimeProvider();
        SemaphoreSlim? arrived = null;
        await using var server = await WebServer.StartAsync(async (http, _) =>
        {
            var mine = arrived = new SemaphoreSlim(0);
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync(".", Cancellation);
                await http.Response.Body.FlushAsync(Cancellation);
                await mine.WaitAsync(http.RequestAborted);
            }
        });
        // Never silent for as long as it may be, yet slow: a third of that time passes with each byte.
        var idle = TimeSpan.FromSeconds(1000);
        await using var sink = new Tapped(() =>
        {
            clock.Advance(idle / 3);
            arrived!.Release();
        });
        using var fetcher = Open(server, Patient with { Idle = idle }, clock);
        var fetched = await PassAsync(clock, fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), sink, 100, null, Cancellation));
        Assert.Equal("the server sends less than 8192 bytes a second", fetched.Fault);
        Assert.Equal(4, fetched.Attempts);
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
        var clock = new FakeTimeProvider();
        using var fetcher = Open(server, Patient, clock);
        using var sink = new MemoryStream();
        var fetch = fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), sink, 100, null, Cancellation);
        while (fetcher.Bytes == 0) await Task.Delay(1, Cancellation);
        clock.Advance(Patient.Idle);
        var fetched = await PassAsync(clock, fetch);
        Assert.Equal((FetchEnd.Came, 2), (fetched.End, fetched.Attempts));
        Assert.Equal("the first half, the second half", Encoding.UTF8.GetString(sink.ToArray()));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_a_fault_that_says_so()
    {
        await using var server = await WebServer.StartAsync((http, _) => Until(http.RequestAborted));
        var clock = new FakeTimeProvider();
        using var fetcher = Open(server, Patient, clock);
        var fetch = fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), new MemoryStream(), 100, null, Cancellation);
        var fetched = await PassAsync(clock, fetch, Patient.Idle);
        Assert.Equal(("the server was silent for 36000 s", 4), (fetched.Fault, fetched.Attempts));
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
        var result = await FetchAsync(server, string.Format(CultureInfo.InvariantCulture, url, server.Endpoint.Port));
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
    [InlineData("168.63.129.16", false)] // Azure's host agent
    [InlineData("168.63.129.17", true)]
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
        using var fetcher = Open(server, Patient);
        using var sink = new MemoryStream();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), sink, 100, null, stop.Token));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_fault_that_would_have_been_tried_again_is_no_outcome_when_the_run_is_cancelled_meanwhile()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var host = new Http.Host(Patient, TimeProvider.System, () => { });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.AskAsync(_ =>
        {
            stop.Cancel();
            return ValueTask.FromResult(Attempt.Passing("HTTP 503"));
        }, stop.Token));
    }

    [Fact]
    public async Task A_full_disk_is_no_fault_of_the_server()
    {
        await using var server = await WebServer.StartAsync((http, _) => http.Response.WriteAsync("here"));
        using var fetcher = Open(server, Patient);
        await using var sink = new FullDisk();
        await Assert.ThrowsAsync<IOException>(() => fetcher.FetchAsync(new Uri($"http://{WebServer.Host}/"), sink, 100, null, Cancellation));
        Assert.Equal(1, server.Requests);
    }

    /// <summary>A server on loopback that answers each request with the same bytes, be they HTTP or not, and closes.</summary>
    private sealed class RawServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public RawServer(string answer)
        {
            _listener.Start();
            _ = ServeAsync(Encoding.ASCII.GetBytes(answer));
        }

        public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(byte[] answer)
        {
            while (true)
            {
                using var connection = await _listener.AcceptTcpClientAsync(Cancellation);
                using var reader = new StreamReader(connection.GetStream());
                while (await reader.ReadLineAsync(Cancellation) is { Length: > 0 }) { }
                await connection.GetStream().WriteAsync(answer, Cancellation);
            }
        }
    }

    /// <summary>Tells when something is written to it.</summary>
    private sealed class Tapped(Action written) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(buffer, cancellationToken);
            written();
        }
    }

    private sealed class FullDisk : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("No space left on device");
    }

    // Silence ends nothing where a fake clock runs ahead of a real network.
    private static FetchPolicy Patient => new() { Idle = TimeSpan.FromHours(10), Total = TimeSpan.FromHours(10), Retries = 3, RequestsPerSecond = double.PositiveInfinity };

    private static Fetcher Open(WebServer server, FetchPolicy policy, TimeProvider? clock = null) =>
        new(policy, clock ?? TimeProvider.System, new Dictionary<string, IPEndPoint> { [WebServer.Host] = server.Endpoint });

    private static Task<string> FetchAsync(WebServer server, string url = $"http://{WebServer.Host}/") => FetchAsync(server, Patient, url);

    private static async Task<string> FetchAsync(WebServer server, FetchPolicy policy, string url = $"http://{WebServer.Host}/", long maxBytes = 100_000, TimeProvider? clock = null)
    {
        using var fetcher = Open(server, policy, clock);
        using var sink = new MemoryStream();
        return (await fetcher.FetchAsync(new Uri(url), sink, maxBytes, null, Cancellation)).Fault is { } fault ? $"fault: {fault}" : Encoding.UTF8.GetString(sink.ToArray());
    }

    /// <summary>Lets time pass until the work is done: as fast as the work can follow.</summary>
    private static async Task<T> PassAsync<T>(FakeTimeProvider clock, Task<T> work, TimeSpan? step = null)
    {
        while (!work.IsCompleted) await StepAsync(clock, step);
        return await work;
    }

    private static async Task StepAsync(FakeTimeProvider clock, TimeSpan? step = null)
    {
        clock.Advance(step ?? TimeSpan.FromSeconds(0.5));
        await Task.Delay(1, Cancellation); // what the step set off may happen
    }

    private static async Task Until(CancellationToken aborted)
    {
        var end = new TaskCompletionSource();
        await using var registration = aborted.Register(end.SetResult);
        await end.Task;
    }
}
