using System.Net;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest.Tests;

public sealed class AmazonShopTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pictures_keep_the_order_of_the_items_when_the_first_comes_last()
    {
        var others = new CountdownEvent(7);
        var last = new TaskCompletionSource();
        await using var server = await WebServer.StartAsync(async (http, _) =>
        {
            if (http.Request.Path == "/0") await last.Task;
            else if (others.Signal()) last.SetResult();
            http.Response.StatusCode = 404;
        });
        using var fetcher = Open(server);
        var items = Enumerable.Range(0, 8).Select(i => new PictureWish(new ItemRow(i, $"A{i}", null, null, [], null, null, ""), [$"http://shop.test/{i}"])).ToList();
        var outcomes = new List<PictureOutcome>();
        await foreach (var outcome in new PictureDownloads(fetcher, new ImageOptions { Concurrency = 4 }).RunAsync(items, Cancellation)) outcomes.Add(outcome);

        Assert.Equal(Enumerable.Range(0, 8), outcomes.Select(o => o.Item.Item));
        Assert.All(outcomes, o => Assert.Equal("HTTP 404", o.Fault));
    }

    [Fact]
    public void Only_pictures_of_sensible_size_in_a_known_format_are_accepted()
    {
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).PngsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).WebpsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).GifsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).JpegsaveBuffer()));
        Assert.Equal("is 9 × 20 pixels; at least 10 a side are needed", Header(NetVips.Image.Black(9, 20, 3).PngsaveBuffer()).Fault);
        Assert.Equal("has 10000 × 6000 pixels; at most 50000000 are decoded, and 65535 a side", Header(NetVips.Image.Black(10_000, 6_000, 1).PngsaveBuffer(compression: 1)).Fault);
        Assert.Equal("is no JPEG, PNG, WebP or GIF file (by its first bytes)", Header("<svg xmlns='http://www.w3.org/2000/svg' width='50' height='50'/>"u8.ToArray()).Fault);
        Assert.Equal("the file is empty", Header([]).Fault);
        Assert.StartsWith("its header cannot be read: ", Header([0xFF, 0xD8, 0xFF, 0xE0, 0, 16]).Fault, StringComparison.Ordinal);
    }

    private static (bool Usable, int Width, int Height, string? Fault) Header(byte[] bytes) =>
        (PictureHeader.TryRead(bytes, out var width, out var height, out var fault), width, height, fault);

    private static Fetcher Open(WebServer server) => new(TimeSpan.FromSeconds(10), retries: 1, new Dictionary<string, IPEndPoint> { [WebServer.Host] = server.Endpoint });
}
