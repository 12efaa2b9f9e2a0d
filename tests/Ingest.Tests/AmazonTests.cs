using System.Globalization;
using System.IO.Compression;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Sources;
using LmmRec.Ingest.Sources.Amazon;

namespace LmmRec.Ingest.Tests;

public sealed class AmazonTests : IDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly IngestLog _log = new(new Quiet());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(DatasetSource.Amazon2014, "reviews_Toys_5.json", """{"reviewerID": "U1", "asin": "A1", "overall": 4.0, "unixReviewTime": 1400000000, "reviewText": "\"fine\" } \ud83d\ude00"}""")]
    [InlineData(DatasetSource.Amazon2018, "Toys_5.json", """{"overall": 4.0, "style": {"asin": "A2"}, "reviewerID": "U1", "asin": "A1", "unixReviewTime": 1400000000}""")]
    [InlineData(DatasetSource.Amazon2023, "Toys.jsonl", """{"rating": 4.0, "asin": "A9", "parent_asin": "A1", "user_id": "U1", "timestamp": 1400000000000, "images": [{"asin": "A2"}]}""")]
    public async Task Reviews_of_each_edition_are_read_by_their_published_names_plain_and_packed(DatasetSource edition, string name, string line)
    {
        foreach (var (ending, pack) in new (string, Func<string, byte[]>)[] { ("", Encoding.UTF8.GetBytes), (".gz", Gzip), (".zst", Zstd) })
        {
            Write(name + ending, pack(line));
            await HasOneRowAsync(await ReadAsync(edition, AmazonInteractions.Reviews));
            File.Delete(_data.In(name + ending));
        }
    }

    [Fact]
    public async Task Reviews_that_cannot_be_used_are_failures_with_file_and_line_and_the_others_are_read()
    {
        _data.File("reviews_Toys_5.json", """
            {"reviewerID": "U1", "asin": "A1", "overall": 5.0, "unixReviewTime": 1400000000}
            {"reviewerID": "U1", "overall": 5.0, "unixReviewTime": 1400000000}
            {'reviewerID': 'U2'}
            {"reviewerID": "U\ud800", "asin": "A2", "unixReviewTime": 1400000000}
            {"reviewerID": "U2", "asin": "A2", "overall": 1, "unixReviewTime": 1400000000}
            {"reviewerID": "U2", "asin": "A2", "overall": 1, "unixR
            """);
        var table = await ReadAsync(DatasetSource.Amazon2014, AmazonInteractions.Reviews);
        Assert.Equal(["U1 A1", "U2 A2"], table.Rows.Select(r => $"{table.Users[r.User]} {table.Items[r.Item]}"));
        Assert.Equal([2, 3, 4, 6], _log.Failures.Select(f => int.Parse(f.Id["reviews_Toys_5.json, line ".Length..], CultureInfo.InvariantCulture)));
        Assert.StartsWith("4 of 6 interactions failed, the first: reviews_Toys_5.json, line 2", IngestLog.TooMany(_log.Shares(), 0.05, "toys/ingest"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatasetSource.Amazon2014, "ratings_Toys.csv", "U1,A1,4.0,1400000000\n")]
    [InlineData(DatasetSource.Amazon2018, "Toys.csv", "A1,U1,4.0,1400000000\n")]
    [InlineData(DatasetSource.Amazon2023, "Toys.csv.gz", "user_id,parent_asin,rating,timestamp\nU1,A1,4.0,1400000000000\n")]
    public async Task Ratings_of_each_edition_are_read_in_its_order_of_columns(DatasetSource edition, string name, string text)
    {
        Write(name, name.EndsWith(".gz", StringComparison.Ordinal) ? Gzip(text) : Encoding.UTF8.GetBytes(text));
        await HasOneRowAsync(await ReadAsync(edition, AmazonInteractions.Ratings));
    }

    [Fact]
    public async Task A_product_of_2014_is_a_literal_whose_first_path_of_categories_counts()
    {
        var item = await ItemAsync(DatasetSource.Amazon2014, "meta_Toys.json.gz", """
            {'asin': 'A1', 'title': "It's one", 'price': 3.5, 'brand': '', 'categories': [['Toys', 'Blocks'], ['Gifts']], 'imUrl': 'http://i.test/1.jpg', 'related': {'also_bought': ['A2']}}
            """);
        Assert.Equal(("It's one", "", null), (item.Title, item.Brand, item.Description));
        Assert.Equal(["Toys", "Blocks"], item.Categories);
        Assert.Equal(["http://i.test/1.jpg"], item.Pictures.Select(p => p.Text));
    }

    [Fact]
    public async Task A_product_of_2018_has_its_description_joined_and_its_first_large_picture_before_the_small_one()
    {
        var item = await ItemAsync(DatasetSource.Amazon2018, "meta_Toys.json.gz", """
            {"category": ["Toys", "Blocks"], "description": ["One.", "Two."], "title": "<b>Bricks</b>", "brand": null, "rank": ["1"], "asin": "A1", "imageURL": ["s1", "s2"], "imageURLHighRes": ["l1", "l2"]}
            """);
        Assert.Equal(("<b>Bricks</b>", null, "One. Two."), (item.Title, item.Brand, item.Description));
        Assert.Equal(["Toys", "Blocks"], item.Categories);
        Assert.Equal(["l1", "s1"], item.Pictures.Select(p => p.Text));
    }

    [Theory]
    [InlineData("""{"details": {"Color": "red", "Brand": "Acme"}, "store": "Shop", """, "Acme", "main-high, main-large")]
    [InlineData("""{"details": {"Brand": " "}, "store": "Shop", """, "Shop", "main-high, main-large")]
    [InlineData("""{"details": null, "store": null, """, null, "main-high, main-large")]
    public async Task A_product_of_2023_has_the_brand_of_its_details_or_its_store_and_its_main_picture(string start, string? brand, string pictures)
    {
        var item = await ItemAsync(DatasetSource.Amazon2023, "meta_Toys.jsonl.gz", start + """
            "title": "Bricks", "categories": [], "description": [], "price": null, "parent_asin": "A1", "videos": [{"title": "no"}],
            "images": [{"thumb": "t", "large": "first-large", "variant": "PT01", "hi_res": "first-high"}, {"hi_res": "main-high", "large": "main-large", "variant": "MAIN"}]}
            """.ReplaceLineEndings(" "));
        Assert.Equal(("Bricks", brand, null), (item.Title, item.Brand, item.Description));
        Assert.Equal(pictures, string.Join(", ", item.Pictures.Select(p => p.Text)));
    }

    [Fact]
    public async Task A_picture_of_2023_without_a_main_variant_or_a_high_resolution_is_the_first_large_one()
    {
        var item = await ItemAsync(DatasetSource.Amazon2023, "meta_Toys.jsonl", """{"parent_asin": "A1", "images": [{"large": "a", "variant": "PT01", "hi_res": null}, {"large": "b", "variant": "PT02"}]}""");
        Assert.Equal(["a"], item.Pictures.Select(p => p.Text));
    }

    [Theory]
    [InlineData(DatasetSource.Amazon2014, "meta_Toys.json", "{'asin': 'A1', 'imUrl': '/etc/1.png'}")]
    [InlineData(DatasetSource.Amazon2018, "meta_Toys.json", """{"asin": "A1", "imageURLHighRes": [""], "imageURL": ["/etc/1.png"]}""")]
    [InlineData(DatasetSource.Amazon2023, "meta_Toys.jsonl", """{"parent_asin": "A1", "images": [{"variant": "MAIN", "hi_res": "/etc/1.png"}]}""")]
    public async Task No_edition_s_picture_is_a_file_of_this_machine(DatasetSource edition, string name, string line)
    {
        var picture = Assert.Single((await ItemAsync(edition, name, line)).Pictures);
        Assert.Equal(("/etc/1.png", false, "is no http(s) address"), (picture.Text, picture.IsFile, picture.Fault));
    }

    [Theory]
    [InlineData(DatasetSource.Amazon2014, "meta_Toys.json", "{'title': 'no id'}", "asin is missing or empty")]
    [InlineData(DatasetSource.Amazon2014, "meta_Toys.json", "{'asin': 'A2', 'title': 'half", "column 25: the string that begins here has no end")]
    [InlineData(DatasetSource.Amazon2014, "meta_Toys.json", "{'asin': 'A2', 'title': 5}", "title is no text")]
    [InlineData(DatasetSource.Amazon2014, "meta_Toys.json", "{'asin': 'A2', 'categories': ['Toys']}", "categories are no lists of texts")]
    [InlineData(DatasetSource.Amazon2014, "meta_Toys.json", "['A2']", "is no dictionary")]
    [InlineData(DatasetSource.Amazon2018, "meta_Toys.json", """{"asin": ""}""", "asin is missing or empty")]
    [InlineData(DatasetSource.Amazon2018, "meta_Toys.json", """{"asin": "A2", "title": ["a"]}""", "title is no text")]
    [InlineData(DatasetSource.Amazon2018, "meta_Toys.json", """{"asin": "A2", "category": [["a"]]}""", "category is no list of texts")]
    [InlineData(DatasetSource.Amazon2018, "meta_Toys.json", """{"asin": "A2", "title": "half""", "is no JSON: ")]
    [InlineData(DatasetSource.Amazon2018, "meta_Toys.json", """{"asin": "A2"} {"asin": "A3"}""", "is no JSON: ")]
    [InlineData(DatasetSource.Amazon2018, "meta_Toys.json", """{"asin": "A\ud800"}""", "holds text that is no valid UTF-8, or an escape that is half a character")]
    [InlineData(DatasetSource.Amazon2018, "meta_Toys.json", "[1]", "is no JSON object")]
    [InlineData(DatasetSource.Amazon2023, "meta_Toys.jsonl", """{"asin": "A2"}""", "parent_asin is missing or empty")]
    public async Task A_product_that_cannot_be_read_is_a_failure_with_file_line_and_reason_and_the_others_are_read(DatasetSource edition, string name, string line, string expected)
    {
        var good = edition == DatasetSource.Amazon2014 ? "{'asin': 'A1', 'title': 'good'}" : $$"""{"{{(edition == DatasetSource.Amazon2023 ? "parent_asin" : "asin")}}": "A1", "title": "good"}""";
        _data.File(name, $"{good}\n\n{line}\n{good.Replace("good", "again", StringComparison.Ordinal)}\r\n");
        Assert.Equal("good", (await ItemsAsync(edition))["A1"].Title);
        var failure = Assert.Single(_log.Failures);
        Assert.Equal(("metadata line", $"{name}, line 3"), (failure.Kind, failure.Id));
        Assert.StartsWith(expected, failure.Reason, StringComparison.Ordinal);
        Assert.Equal((2, 1), _log.Of("metadata line"));
        Assert.Equal(1, (long)_log.Dropped["duplicateItems"]!);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_and_a_line_of_100_MB_are_failures_and_the_lines_after_them_are_read()
    {
        using (var file = File.Create(_data.In("meta_Toys.json.gz")))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            gzip.Write([.. "{'asin': 'A1', 'title': '"u8, 0xff, 0xfe, .. "'}\n"u8]);
            var megabyte = new byte[1 << 20];
            Array.Fill(megabyte, (byte)' ');
            for (var i = 0; i < 100; i++) gzip.Write(megabyte);
            gzip.Write("\n{'asin': 'A1', 'title': 'good'}"u8);
        }
        Assert.Equal("good", (await ItemsAsync(DatasetSource.Amazon2014))["A1"].Title);
        Assert.Equal(
            [("meta_Toys.json.gz, line 1", "holds bytes that are no valid UTF-8"), ("meta_Toys.json.gz, line 2", "is longer than 1048576 bytes, the most allowed")],
            _log.Failures.Select(f => (f.Id, f.Reason)));
    }

    [Theory]
    [InlineData(20_000, true)]
    [InlineData(20, false)]
    public async Task A_packed_file_that_breaks_off_is_a_failure_with_its_line_and_what_came_before_counts(int lines, bool some)
    {
        var random = new SeededRandom(1);
        var whole = Gzip(string.Concat(Enumerable.Range(0, lines).Select(i => $"{{'asin': 'A{i}', 'title': '{random.NextInt32(1 << 30)}'}}\n")));
        Write("meta_Toys.json.gz", whole[..(whole.Length / 2)]);
        Assert.Equal(some, (await ItemsAsync(DatasetSource.Amazon2014)).Count > 0);
        var failure = Assert.Single(_log.Failures);
        Assert.Equal("file", failure.Kind);
        Assert.StartsWith("meta_Toys.json.gz, line ", failure.Id, StringComparison.Ordinal);
        Assert.EndsWith("; the lines from this one on are lost", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_in_place_of_the_products_is_told()
    {
        _data.File("meta_Toys.json.gz", "<!DOCTYPE html><html>log in</html>");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => ItemsAsync(DatasetSource.Amazon2018));
        Assert.StartsWith($"{_data.In("meta_Toys.json.gz")}: is a web page, not the file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Real_products_of_2014_are_read()
    {
        var items = File.ReadLines(Beside.Data("amazon2014_literal_rows/meta_2014_sample.json")).Select(line => Amazon2014.Read(Encoding.UTF8.GetBytes(line))).ToList();
        Assert.Equal(["0558925278", "0737104473", "B0002IQ15S", "B0000CDBQT", "B0001KHRKU"], items.Select(i => i.Key));
        Assert.Contains("\n\nConcealer Brush", items[0].Item.Description, StringComparison.Ordinal);
        Assert.StartsWith("Chef Paul Prudhomme's", items[3].Item.Title, StringComparison.Ordinal);
        Assert.Equal(("Magic Seasoning Blends", (string?)null), (items[3].Item.Brand, items[3].Item.Description));
        Assert.Equal(["Kindle Store", "Kindle Accessories", "Power Adapters", "Kindle (1st Generation) Adapters"], items[2].Item.Categories);
        Assert.All(items, i => Assert.StartsWith("http://", Assert.Single(i.Item.Pictures).Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Gift_cards_of_2018_have_the_known_numbers_of_rows_users_items_and_products()
    {
        var dataset = new DatasetOptions { Source = DatasetSource.Amazon2018, Category = "Gift_Cards" };
        var source = Open(dataset, Path.GetDirectoryName(Beside.Data("amazon2018_gift_cards/Gift_Cards_5.json"))!);
        var table = await source.ReadInteractionsAsync(_log, Cancellation);
        Assert.Equal((2972, 458, 148), (table.Rows.Count, table.Users.Count, table.Items.Count));

        var filter = new RowFilter(table);
        filter.DropRepeated(whateverTime: false);
        filter.KeepCore(5);
        Assert.Equal(2949, filter.Count);
        filter.DropRepeated(whateverTime: true);
        Assert.Equal(2945, filter.Count);
        filter.KeepCore(5);
        Assert.Equal(2941, filter.Count);

        var items = await source.ReadCatalogueAsync(table.Items.ToHashSet(), _log, Cancellation);
        Assert.Equal((148, 0), (items!.Count, _log.FailureCount));
        Assert.Equal(1547, _log.Of("metadata line").Used);
    }

    private async Task<InteractionTable> ReadAsync(DatasetSource edition, AmazonInteractions from) => await Open(edition, from).ReadInteractionsAsync(_log, Cancellation);

    private Task HasOneRowAsync(InteractionTable table)
    {
        Assert.Equal(("U1", "A1"), (Assert.Single(table.Users), Assert.Single(table.Items)));
        var row = Assert.Single(table.Rows);
        Assert.Equal((4.0, new DateTime(2014, 5, 13, 16, 53, 20, DateTimeKind.Utc)), (row.Rating, row.Time));
        Assert.Equal(0, _log.FailureCount);
        return Task.CompletedTask;
    }

    private async Task<ItemRecord> ItemAsync(DatasetSource edition, string name, string line)
    {
        Write(name, name.EndsWith(".gz", StringComparison.Ordinal) ? Gzip(line) : Encoding.UTF8.GetBytes(line));
        var items = await ItemsAsync(edition);
        Assert.Equal(0, _log.FailureCount);
        return items["A1"];
    }

    private async Task<IReadOnlyDictionary<string, ItemRecord>> ItemsAsync(DatasetSource edition) =>
        (await Open(edition, AmazonInteractions.Reviews).ReadCatalogueAsync(new HashSet<string> { "A1" }, _log, Cancellation))!;

    private AmazonSource Open(DatasetSource edition, AmazonInteractions from) => Open(new DatasetOptions { Source = edition, Category = "Toys", From = from }, _data.Path);

    // As the stage opens it; what does not lie in the folder would be fetched by a step, which nobody runs here.
    private AmazonSource Open(DatasetOptions dataset, string folder)
    {
        var edition = AmazonEdition.Of(dataset.Source);
        var files = new AmazonFiles(dataset, new FetchPolicy(), folder, _data.In("downloads"));
        var (published, form) = dataset.From == AmazonInteractions.Reviews ? (edition.Reviews, edition.Review) : (edition.Ratings, edition.Rating);
        return new AmazonSource(ReadableFile.At(files.Find(published)), form, ReadableFile.At(files.Find(edition.Products)), edition.Product);
    }

    private void Write(string name, byte[] content) => File.WriteAllBytes(_data.In(name), content);

    private static byte[] Gzip(string text) => Packed(text, stream => new GZipStream(stream, CompressionLevel.Fastest));

    private static byte[] Zstd(string text) => Packed(text, stream => new ZstdSharp.CompressionStream(stream));

    private static byte[] Packed(string text, Func<Stream, Stream> pack)
    {
        using var buffer = new MemoryStream();
        using (var packing = pack(buffer)) packing.Write(Encoding.UTF8.GetBytes(text));
        return buffer.ToArray();
    }
}
