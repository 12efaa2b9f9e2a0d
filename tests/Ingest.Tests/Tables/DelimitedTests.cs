using System.Text;
using LmmRec.Artifacts;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Tables;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tests.Tables;

public sealed class DelimitedTests : IDisposable
{
    private const string Plain = "customer,sku,stars,at\nann,A/1,5,1529193600\nbéa,007,3.5,2018-06-17 12:30:00\nann,1.0,,\n";

    private static readonly string[] Expected = ["ann A/1 5 2018-06-17 00:00:00", "béa 007 3.5 2018-06-17 12:30:00", "ann 1.0"];

    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    public static TheoryData<string, string> Spellings => new()
    {
        { "plain", Plain },
        { "line ends of Windows", Plain.Replace("\n", "\r\n", StringComparison.Ordinal) },
        { "no last line end", Plain.TrimEnd() },
        { "semicolons, as Excel saves", Plain.Replace(',', ';') },
        { "tabs", Plain.Replace(',', '\t') },
        { "bars", Plain.Replace(',', '|') },
        { "other order and more columns", "at,note,sku,customer,stars\n1529193600,\"a, b\nand \"\"c\"\"\",A/1,ann,5\n2018-06-17 12:30:00,,007,béa,3.5\n,,1.0,ann,\n" },
        { "quotes", Plain.Replace("ann", "\"ann\"", StringComparison.Ordinal).Replace("sku", "\"sku\"", StringComparison.Ordinal) },
        { "what is not there as PostgreSQL writes it", Plain.Replace("1.0,,", "1.0,\\N,\\N", StringComparison.Ordinal) },
        { "empty lines", Plain.Replace("\n", "\n\n", StringComparison.Ordinal) },
        { "types in the header, as RecBole has them", Plain.Replace("customer,sku,stars,at", "customer:token,sku:token,stars:float,at:float", StringComparison.Ordinal) },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task A_table_is_read_however_it_is_spelt(string how, string text)
    {
        Assert.NotEmpty(how);
        Assert.Equal(Expected, await _shop.Write("orders.csv", text).LinesAsync(Shop.Orders));
        Assert.Empty(_shop.Failures);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_first_name() =>
        Assert.Equal(Expected, await _shop.Write("orders.csv", Plain, Encoding.UTF8).LinesAsync(Shop.Orders));

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task Utf16_is_read_with_its_mark_and_without(bool bigEndian, bool mark) =>
        Assert.Equal(Expected, await _shop.Write("orders.csv", Plain, new UnicodeEncoding(bigEndian, mark)).LinesAsync(Shop.Orders));

    [Fact]
    public async Task Gzip_and_zstd_are_told_by_content()
    {
        Assert.Equal(Expected, await _shop.Write("orders.csv", Shop.Gzip(Plain)).LinesAsync(Shop.Orders));
        Assert.Equal(Expected, await _shop.Write("orders.csv", Shop.Zstd(Plain)).LinesAsync(Shop.Orders));
    }

    [Fact]
    public async Task Parts_are_read_in_the_order_of_their_names_each_by_its_own_header()
    {
        _shop.Write("2024/day-02.csv.gz", Shop.Gzip("sku,customer\nB,bob\n")).Write("2024/day-01.csv", "customer,sku\nann,A\n").Write("2023/day-09.csv", "customer,sku\ncy,C\n");
        var options = new InteractionTableOptions { Files = ["20*/day-??.csv*"], Columns = new InteractionColumns { User = "customer", Item = "sku" } };
        Assert.Equal(["cy C", "ann A", "bob B"], await _shop.LinesAsync(options));
        Assert.Equal(["2023/day-09.csv", "2024/day-01.csv", "2024/day-02.csv.gz"], InputFile.Of(_shop.Folder, options.Files).Select(file => file.Name));
        Assert.Single(InputFile.Of(_shop.Folder, ["2023/*", "2023/day-09.csv"]));
    }

    [Fact]
    public async Task A_file_without_a_header_has_numbered_columns()
    {
        var options = new InteractionTableOptions { Files = ["ratings.tsv"], Header = false, Columns = new InteractionColumns { User = "1", Item = "2", Rating = "3", Time = "4" } };
        Assert.Equal(["7 12 4 2001-09-09 01:46:40", "8 12 5 2001-09-09 01:46:40"], await _shop.Write("ratings.tsv", "7\t12\t4\t1000000000\n8\t12\t5\t1000000000\n").LinesAsync(options));
    }

    [Fact]
    public async Task Where_quotes_are_characters_like_others_they_stay()
    {
        var options = Shop.Orders with { Quotes = false };
        Assert.Equal(["a\"n 24\"", "b c\""], await _shop.Write("orders.csv", "customer,sku,stars,at\na\"n,24\",,\nb,c\",,\n").LinesAsync(options));
    }

    [Fact]
    public async Task Ids_stay_what_they_are()
    {
        string[] ids = ["007", "1.0", "A/B", "..", "👟", " x ", "é", "nul\0"];
        var table = await _shop.Write("orders.csv", "customer,sku,stars,at\n" + string.Concat(ids.Select(id => $"u,{id},,\n"))).ReadAsync(Shop.Orders);
        Assert.Equal(ids, table.Items);
    }

    [Fact]
    public async Task Events_and_ratings_are_filtered_and_what_is_left_out_is_counted()
    {
        _shop.Write("orders.csv", "customer,sku,what,stars\na,1,view,5\na,2,purchase,5\na,3,purchase,3\na,4,purchase,\na,5,Purchase,5\na,6,gift,4\n");
        var options = Shop.Orders with
        {
            Columns = new InteractionColumns { User = "customer", Item = "sku", Event = "what", Rating = "stars" },
            Event = ["purchase", "gift"],
            MinRating = 4,
        };
        Assert.Equal(["a 2 5", "a 6 4"], await _shop.LinesAsync(options));
        Assert.Equal("""{"otherEvents":2,"belowMinRating":2}""", _shop.Log.Dropped.ToJsonString());
    }

    [Fact]
    public async Task A_named_unit_is_that_of_all_times()
    {
        var options = Shop.Orders with { TimeUnit = TimeUnit.Milliseconds };
        Assert.Equal(["a 1  1970-01-18 16:46:33"], await _shop.Write("orders.csv", "customer,sku,stars,at\na,1,,1529193600\n").LinesAsync(options));
    }

    [Fact]
    public async Task A_missing_column_is_told_with_those_that_are_there_and_the_nearest()
    {
        _shop.Write("orders.csv", "custmer;sku;at;stars\na;1;;\n");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Shop.Orders));
        Assert.Equal("orders.csv: there is no column 'customer'; did you mean 'custmer'? (allowed: at, custmer, sku, stars); correct the names in the configuration's columns", error.Message);
    }

    [Fact]
    public async Task A_pattern_that_names_no_file_is_told()
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Shop.Orders with { Files = ["orders-*.csv"] }));
        Assert.StartsWith("orders-*.csv: there is no such file in", error.Message, StringComparison.Ordinal);
    }
}
