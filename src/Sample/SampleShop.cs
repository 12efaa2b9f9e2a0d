using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LmmRec.Sample;

/// <summary>
/// The embedded shop: a small HTTP server on the loopback interface that offers a catalogue made from a seed in the file formats of Amazon 2014.
/// It plays the outside world: like any shop it is busy at times (503), has lost some pictures (404) and serves the odd broken one.
/// </summary>
public sealed class SampleShop : IAsyncDisposable
{
    /// <summary>The category in the files' names: <c>reviews_Sample_5.json.gz</c>, <c>meta_Sample.json.gz</c>.</summary>
    public const string Category = "Sample";

    /// <summary>Raised when the same seed gives other products, reviews or pictures than before.</summary>
    public const int Version = 1;

    private readonly WebApplication _server;
    private readonly ConcurrentDictionary<string, int> _requests = new();

    private SampleShop(WebApplication server) => _server = server;

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint => IPEndPoint.Parse(new Uri(_server.Urls.Single()).Authority);

    /// <summary>The addresses of its two files; pictures are found by the <c>imUrl</c> of the metadata.</summary>
    public IReadOnlyList<Uri> Urls => [new($"http://{Endpoint}{ReviewsPath}"), new($"http://{Endpoint}{MetadataPath}")];

    private const string ReviewsPath = $"/reviews_{Category}_5.json.gz", MetadataPath = $"/meta_{Category}.json.gz";

    /// <summary>Makes the shop from <paramref name="seed"/> and opens it on loopback.</summary>
    /// <param name="seed">which shop; the same seed gives the same bytes</param>
    /// <param name="port">TCP port; 0 takes a free one</param>
    /// <param name="cancellation">gives up opening</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SampleShop> StartAsync(int seed, int port, CancellationToken cancellation)
    {
        var products = Catalogue.Make(seed);
        var reviews = Amazon2014Files.Reviews(Customers.Buy(products, seed));

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        var shop = new SampleShop(builder.Build());
        shop._server.MapGet(ReviewsPath, () => Results.Bytes(reviews, "application/gzip"));
        // The pictures' addresses repeat the host that the client asked for, so they work under every name and port of the shop.
        shop._server.MapGet(MetadataPath, (HttpRequest request) =>
            Results.Bytes(Amazon2014Files.Metadata(products, new Uri($"http://{request.Host}")), "application/gzip"));
        var pictures = products.ToDictionary(Amazon2014Files.PicturePath);
        shop._server.MapGet("/images/{file}", (HttpRequest request) =>
            pictures.TryGetValue(request.Path, out var product) ? shop.AnswerForPicture(product, seed) : Results.NotFound());

        await shop._server.StartAsync(cancellation);
        return shop;
    }

    /// <summary>Closes the shop.</summary>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private IResult AnswerForPicture(Product product, int seed)
    {
        var request = _requests.AddOrUpdate(product.Asin, 1, (_, before) => before + 1);
        return product.Picture switch
        {
            PictureAnswer.BusyOnce when request <= 1 => Results.StatusCode(StatusCodes.Status503ServiceUnavailable),
            PictureAnswer.BusyTwice when request <= 2 => Results.StatusCode(StatusCodes.Status503ServiceUnavailable),
            PictureAnswer.Gone or PictureAnswer.None => Results.NotFound(),
            PictureAnswer.Garbled => Results.Bytes("<html>picture server under repair</html>"u8.ToArray(), "image/jpeg"),
            _ => Results.Bytes(Picture.Jpeg(product, seed), "image/jpeg"),
        };
    }

    /// <summary>The shop lives as long as its owner says; the host's default would take Ctrl-C away from the command.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
