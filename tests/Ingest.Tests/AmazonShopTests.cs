using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Pictures;
using LmmRec.Ingest.Sources;

namespace LmmRec.Ingest.Tests;

public sealed class AmazonShopTests : IDisposable
{
    private const string Reviews =
        """
        {"reviewerID": "U1", "asin": "A1", "overall": 5.0, "unixReviewTime": 1400000000}
        {"reviewerID": "U1", "asin": "A1", "overall": 3.0, "unixReviewTime": 1400000000}
        {"reviewerID": "U1", "asin": "A1", "overall": 3.0, "unixReviewTime": 1400086400}
        {"reviewerID": "U2", "asin": "A1"}
        {'reviewerID': 'U2'}
        {"reviewerID": "U\ud800", "asin": "A2", "unixReviewTime": 1400000000}
        {"reviewerID": "U2", "asin": "A2", "unixReviewTime": 1400000000}
        """;

    private readonly TemporaryFolder _scratch = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unusable_lines_are_rows_with_line_and_reason_and_the_others_are_read()
    {
        await using var server = await ServeAsync(Gzip(Reviews));
        using var fetcher = Open(server);
        var log = new IngestLog(new Quiet());
        var table = await Source(fetcher).ReadInteractionsAsync(log, Cancellation);

        Assert.Equal(["U1", "U2"], table.Users);
        Assert.Equal(["A1", "A2"], table.Items);
        Assert.Equal([5.0, 3.0, 3.0, null], table.Rows.Select(r => r.Rating));
        var failures = log.Failures.ToList();
        Assert.Equal([4, 5, 6], failures.Select(f => int.Parse(f.Id["reviews_Toys_5.json.gz, line ".Length..], CultureInfo.InvariantCulture)));
        Assert.Equal("unixReviewTime is missing or not seconds since 1970", failures[0].Reason);
        Assert.StartsWith("is no JSON: ", failures[1].Reason, StringComparison.Ordinal);
        Assert.Equal("holds an escape that is half a character (a surrogate without its pair)", failures[2].Reason);
        Assert.StartsWith("3 of 7 reviews failed, the first: reviews_Toys_5.json.gz, line 4", IngestLog.TooMany(log.Shares(), 0.05, "toys/ingest"), StringComparison.Ordinal);
        Assert.Contains("; the table 'failures' in toys/ingest lists them: raise ingest.maxFailedShare", IngestLog.TooMany(log.Shares(), 0.05, "toys/ingest"), StringComparison.Ordinal);
        Assert.Null(IngestLog.TooMany(log.Shares(), 0.5, "toys/ingest"));
    }

    [Fact]
    public async Task A_broken_metadata_line_is_a_row_and_the_first_of_equal_items_counts()
    {
        await using var server = await ServeAsync(Gzip("{'asin': 'A1', 'title': 'one'}\n{'asin': 'A2', 'title': 'two\n{'asin': 'A1', 'title': 'again'}\n{'asin': 'A3'}\n"));
        using var fetcher = Open(server);
        var log = new IngestLog(new Quiet());
        var catalogue = await Source(fetcher).ReadCatalogueAsync(new HashSet<string> { "A1", "A2" }, log, Cancellation);

        Assert.Equal("A1 one", string.Join(", ", catalogue!.Select(i => $"{i.Key} {i.Value.Title}")));
        var failure = Assert.Single(log.Failures);
        Assert.Equal(("meta_Toys.json.gz, line 2", "column 25: the string that begins here has no end"), (failure.Id, failure.Reason));
    }

    [Fact]
    public async Task A_file_lies_in_the_steps_own_folder_while_it_is_read_and_is_gone_afterwards()
    {
        await using var server = await ServeAsync(Gzip(Reviews));
        using var fetcher = Open(server);
        var seen = new HashSet<string>();
        await Source(fetcher).ReadInteractionsAsync(new IngestLog(new Quiet(_ => seen.UnionWith(Directory.GetFiles(_scratch.Path)))), Cancellation);

        Assert.Equal([_scratch.In("reviews_Toys_5.json.gz")], seen);
        Assert.Empty(Directory.GetFiles(_scratch.Path));
    }

    [Fact]
    public async Task A_line_that_would_fill_the_memory_stops_the_run()
    {
        await using var server = await ServeAsync(Gzip(Reviews + "\n" + new string(' ', 2_000_000)));
        using var fetcher = Open(server);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Source(fetcher).ReadInteractionsAsync(new IngestLog(new Quiet()), Cancellation));
        Assert.Equal("http://shop.test/reviews_Toys_5.json.gz: line 8 is longer than 1048576 characters, the most allowed; is it the right file?", error.Message);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public async Task A_gzip_file_that_breaks_off_stops_the_run(double kept)
    {
        var whole = Gzip(string.Concat(Enumerable.Range(0, 5000).Select(i => $"{{\"reviewerID\": \"U{i % 997}\", \"asin\": \"A{i % 89}\", \"unixReviewTime\": {1400000000 + i * i % 9973}}}\n")));
        await using var server = await ServeAsync(whole[..(int)(kept * whole.Length)]);
        using var fetcher = Open(server);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Source(fetcher).ReadInteractionsAsync(new IngestLog(new Quiet()), Cancellation));
        Assert.StartsWith("http://shop.test/reviews_Toys_5.json.gz: the gzip data break off or are damaged at line", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_gzip_or_holds_no_review_or_is_not_there_stops_the_run()
    {
        foreach (var (content, expected) in new[] { ("plain"u8.ToArray(), "damaged at line 1"), (Gzip("\n"), "holds no usable review"), (null, "cannot be fetched: HTTP 404") })
        {
            await using var server = await ServeAsync(content);
            using var fetcher = Open(server);
            var error = await Assert.ThrowsAsync<InvalidInputException>(() => Source(fetcher).ReadInteractionsAsync(new IngestLog(new Quiet()), Cancellation));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_pictures_of_sensible_size_in_a_known_format_are_accepted()
    {
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).PngsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).WebpsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).GifsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).JpegsaveBuffer()));
        Assert.Equal("is too small: 9 × 20 pixels; at least 10 a side are needed", Header(NetVips.Image.Black(9, 20, 3).PngsaveBuffer()).Fault);
        Assert.Equal("has 10000 × 6000 pixels; at most 50000000 are decoded, and 65535 a side", Header(NetVips.Image.Black(10_000, 6_000, 1).PngsaveBuffer(compression: 1)).Fault);
        Assert.Equal("is no JPEG, PNG, WebP or GIF file (by its first bytes)", Header("<svg xmlns='http://www.w3.org/2000/svg' width='50' height='50'/>"u8.ToArray()).Fault);
        Assert.Equal("the file is empty", Header([]).Fault);
        Assert.StartsWith("its header cannot be read: ", Header([0xFF, 0xD8, 0xFF, 0xE0, 0, 16]).Fault, StringComparison.Ordinal);
    }

    private static (bool Usable, int Width, int Height, string? Fault) Header(byte[] bytes) =>
        (PictureHeader.TryRead(bytes, out var width, out var height, out var fault), width, height, fault);

    public void Dispose() => _scratch.Dispose();

    private Amazon2014Source Source(Fetcher fetcher) => new(fetcher, new Uri($"http://{WebServer.Host}"), "Toys", _scratch.Path);

    private static Fetcher Open(WebServer server) =>
        new(new FetchPolicy { Retries = 1 }, TimeProvider.System, new Dictionary<string, IPEndPoint> { [WebServer.Host] = server.Endpoint });

    private static Task<WebServer> ServeAsync(byte[]? file) => WebServer.StartAsync(async (http, _) =>
    {
        if (file is null) http.Response.StatusCode = 404;
        else await http.Response.Body.WriteAsync(file, Cancellation);
    });

    private static byte[] Gzip(string text)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionMode.Compress)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return buffer.ToArray();
    }
}
