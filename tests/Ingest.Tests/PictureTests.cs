using System.Net;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest.Tests;

public sealed class PictureTests : IDisposable
{
    private static readonly byte[] Png = NetVips.Image.Black(12, 20, 3).PngsaveBuffer();

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_picture_that_can_be_had_is_taken_whether_it_is_an_address_or_a_file()
    {
        await using var server = await WebServer.StartAsync(async (http, _) =>
        {
            if (http.Request.Path == "/here.png") await http.Response.Body.WriteAsync(Png, Cancellation);
            else http.Response.StatusCode = 404;
        });
        var file = _folder.In("mug.png");
        File.WriteAllBytes(file, Png);
        var outcomes = await FetchAsync(server,
            ["http://shop.test/gone.png", _folder.In("gone.png"), "http://shop.test/here.png"],
            [file, "http://shop.test/here.png"],
            ["http://shop.test/gone.png", _folder.In("gone.png")],
            [_folder.File("text.png", "no picture")],
            []);

        Assert.Equal(["http://shop.test/here.png", "mug.png"], outcomes.Select(o => o.Row?.Url).OfType<string>());
        Assert.All(outcomes.Take(2), o => Assert.Equal((12, 20), (o.Row!.Width, o.Row.Height)));
        Assert.Equal(["there is no such file", "is no JPEG, PNG, WebP or GIF file (by its first bytes)"], outcomes.Skip(2).Select(o => o.Fault));
        Assert.Equal(3, server.Requests); // a file needs none
    }

    [Fact]
    public async Task A_file_larger_than_allowed_is_not_read()
    {
        await using var server = await WebServer.StartAsync((_, _) => Task.CompletedTask);
        File.WriteAllBytes(_folder.In("large.png"), new byte[5000]);
        Assert.Equal("is larger than 4096 bytes", Assert.Single(await FetchAsync(server, [_folder.In("large.png")])).Fault);
    }

    [Theory]
    [InlineData("https://user:secret@shop.test:8443/a%20b.jpg?x=1", "https://shop.test:8443/a%20b.jpg?x=1")]
    [InlineData("http://token@shop.test/é.jpg", "http://shop.test/%C3%A9.jpg")]
    [InlineData("http://shop.test/é.jpg", "http://shop.test/é.jpg")]
    [InlineData("/home/me/pictures/7.jpg", "7.jpg")]
    [InlineData("none", "none")]
    public void An_address_is_shown_without_what_is_nobody_elses_business(string address, string shown) => Assert.Equal(shown, PictureAddress.Shown(address));

    private static async Task<List<PictureOutcome>> FetchAsync(WebServer server, params string[][] pictures)
    {
        using var fetcher = new Fetcher(TimeSpan.FromSeconds(10), retries: 1, new Dictionary<string, IPEndPoint> { [WebServer.Host] = server.Endpoint });
        var outcomes = new List<PictureOutcome>();
        var wishes = pictures.Select((p, i) => new PictureWish(new ItemRow(i, $"A{i}", null, null, [], null, null, ""), p));
        await foreach (var outcome in new PictureDownloads(fetcher, new ImageOptions { MaxBytes = 4096 }).RunAsync(wishes, Cancellation)) outcomes.Add(outcome);
        return outcomes;
    }
}
