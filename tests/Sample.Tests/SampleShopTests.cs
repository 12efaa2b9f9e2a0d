using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using NetVips;

namespace LmmRec.Sample.Tests;

public sealed partial class SampleShopTests
{
    private const int Seed = 7;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_seed_serves_the_same_bytes_and_another_seed_does_not()
    {
        var first = await FilesAsync(Seed);
        Assert.Equal(first, await FilesAsync(Seed));
        Assert.NotEqual(first, await FilesAsync(Seed + 1));
    }

    [Fact]
    public async Task Reviews_are_gzip_compressed_lines_of_strict_json_with_amazons_fields()
    {
        await using var shop = await SampleShop.StartAsync(Seed, port: 0, Cancellation);
        using var http = new HttpClient();
        var lines = Lines(await http.GetByteArrayAsync(shop.Urls[0], Cancellation));

        Assert.True(lines.Length > 4000, $"{lines.Length} reviews");
        foreach (var line in lines)
        {
            using var review = JsonDocument.Parse(line);
            Assert.Equal(14, review.RootElement.GetProperty("reviewerID").GetString()!.Length);
            Assert.Equal(10, review.RootElement.GetProperty("asin").GetString()!.Length);
            Assert.InRange(review.RootElement.GetProperty("overall").GetDouble(), 1, 5);
            Assert.True(review.RootElement.GetProperty("unixReviewTime").GetInt64() % 86_400 == 0);
        }
    }

    [Fact]
    public async Task A_busy_picture_answers_503_first_and_then_comes()
    {
        var products = Catalogue.Make(Seed);
        await using var shop = await SampleShop.StartAsync(Seed, port: 0, Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{shop.Endpoint}") };

        Assert.Equal("503 200 200", await AnswersAsync(http, products, PictureAnswer.BusyOnce));
        Assert.Equal("503 503 200", await AnswersAsync(http, products, PictureAnswer.BusyTwice));
        Assert.Equal("404 404 404", await AnswersAsync(http, products, PictureAnswer.Gone));
        Assert.Equal("200 200 200", await AnswersAsync(http, products, PictureAnswer.Served));
    }

    [Fact]
    public async Task Picture_addresses_repeat_the_host_that_was_asked()
    {
        await using var shop = await SampleShop.StartAsync(Seed, port: 0, Cancellation);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, shop.Urls[1]);
        request.Headers.Host = "shop.test";
        using var answer = await http.SendAsync(request, Cancellation);
        var hosts = Lines(await answer.Content.ReadAsByteArrayAsync(Cancellation)).Select(line => PictureUrl().Match(line)).Where(m => m.Success)
            .Select(m => new Uri(m.Groups[1].Value).Authority).Distinct();

        Assert.Equal(["shop.test"], hosts);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_that_names_it()
    {
        await using var shop = await SampleShop.StartAsync(Seed, port: 0, Cancellation);
        var error = await Assert.ThrowsAsync<IOException>(() => SampleShop.StartAsync(Seed, shop.Endpoint.Port, Cancellation));
        Assert.Contains($"127.0.0.1:{shop.Endpoint.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_differ_between_products_and_are_decodable_jpegs_of_the_promised_size()
    {
        var pictures = Catalogue.Make(Seed).Take(40).Select(p => Picture.Jpeg(p, Seed)).ToList();
        Assert.Equal(40, pictures.Select(Convert.ToHexString).Distinct().Count());
        foreach (var bytes in pictures)
        {
            using var image = Image.JpegloadBuffer(bytes, failOn: Enums.FailOn.Warning);
            Assert.InRange(image.Width, 96, 160);
            Assert.InRange(image.Height, 96, 160);
            Assert.InRange(image.Avg(), 20, 245);
        }
    }

    [Fact]
    public void Texts_name_every_attribute_and_a_few_products_lack_title_brand_or_description()
    {
        var products = Catalogue.Make(Seed);
        foreach (var p in products.Where(p => p.Title is not null))
            foreach (var word in new[] { Wording.NameOf(p.Kind), p.Shape.ToString(), p.Colour.ToString(), p.Pattern.ToString() })
                Assert.Contains(word, p.Title, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(products.Count(p => p.Title is null), 1, 10);
        Assert.InRange(products.Count(p => p.Brand is null), 1, 20);
        Assert.InRange(products.Count(p => p.Description is null), 1, 20);
        var texts = string.Concat(products.Select(p => p.Title + p.Brand + p.Description));
        foreach (var trap in new[] { "'", "\"", "\n", "&amp;", "é", "–", "\\" }) Assert.Contains(trap, texts, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_looks_at_the_content_ranks_clearly_better_than_popularity_does()
    {
        var products = Catalogue.Make(Seed);
        var reviews = Customers.Buy(products, Seed);
        var popularity = products.Select(p => (double)reviews.Count(r => r.Product == p)).ToArray();
        double byContent = 0, byPopularity = 0;
        var users = reviews.GroupBy(r => r.ReviewerId).Where(g => g.Count() >= 5).Select(g => g.Select(r => r.Product).Distinct().ToList()).ToList();
        foreach (var bought in users)
        {
            var (held, known) = (bought[^1], bought[..^1]);
            bool Hit(Func<Product, double> score) => products.Except(known).OrderByDescending(score).Take(20).Contains(held);
            if (Hit(p => known.Sum(k => Shared(k, p)))) byContent++;
            if (Hit(p => popularity[p.Index])) byPopularity++;
        }
        // The held-out purchase counts towards popularity, so the comparison favours popularity.
        Assert.True(byContent > 1.3 * byPopularity, $"hits in the top 20 of {users.Count}: {byContent} by content, {byPopularity} by popularity");
    }

    [Fact]
    public void A_few_customers_and_products_have_fewer_than_five_purchases_and_popularity_is_skewed()
    {
        var reviews = Customers.Buy(Catalogue.Make(Seed), Seed);
        var products = reviews.CountBy(r => r.Product.Asin).Select(p => p.Value).Order().ToList();
        Assert.InRange(reviews.CountBy(r => r.ReviewerId).Count(u => u.Value < 5), 5, 30);
        Assert.InRange(products.Count(n => n < 5), 1, 15);
        Assert.True(products[^1] > 4 * products[products.Count / 2], $"the favourite was bought {products[^1]} times, the median product {products[products.Count / 2]} times");
    }

    private static int Shared(Product a, Product b) =>
        (a.Kind == b.Kind ? 1 : 0) + (a.Shape == b.Shape ? 1 : 0) + (a.Colour == b.Colour ? 1 : 0) + (a.Pattern == b.Pattern ? 1 : 0);

    private static async Task<string> FilesAsync(int seed)
    {
        await using var shop = await SampleShop.StartAsync(seed, port: 0, Cancellation);
        using var http = new HttpClient();
        var files = new List<byte[]>();
        foreach (var url in shop.Urls)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Host = "shop.test";
            using var answer = await http.SendAsync(request, Cancellation);
            files.Add(await answer.Content.ReadAsByteArrayAsync(Cancellation));
        }
        return string.Join(' ', files.Select(f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(f))));
    }

    private static async Task<string> AnswersAsync(HttpClient http, IReadOnlyList<Product> products, PictureAnswer kind)
    {
        var path = Amazon2014Files.PicturePath(products.First(p => p.Picture == kind));
        var answers = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await http.GetAsync(path, Cancellation);
            answers.Add((int)answer.StatusCode);
        }
        return string.Join(" ", answers);
    }

    private static string[] Lines(byte[] gzip)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex("'imUrl': '([^']*)'")]
    private static partial Regex PictureUrl();
}
