using LmmRec.Artifacts;

namespace LmmRec.Ingest.Tests.Tables;

public sealed class BadTableTests : IDisposable
{
    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Rows_that_cannot_be_used_are_told_with_file_and_line_and_the_others_are_read()
    {
        _shop.Write("orders.csv", [.. "customer,sku,stars,at\na,1,5,0\na,2\na,3,5,0,x\n,4,5,0\na,  ,5,0\na,5,NaN,0\na,6,£4,soon\na,"u8, 0xc3, 0x28, .. ",5,0\nz,9,1,0\n"u8]);
        Assert.Equal(["a 1 5 1970-01-01 00:00:00", "a 5  1970-01-01 00:00:00", "a 6", "z 9 1 1970-01-01 00:00:00"], await _shop.LinesAsync(Shop.Orders));
        Assert.Equal(
            [
                "interaction: orders.csv, line 3: has 2 cells where there are 4 columns",
                "interaction: orders.csv, line 4: has 5 cells where there are 4 columns",
                "interaction: orders.csv, line 5: has no user in column 'customer'",
                "interaction: orders.csv, line 6: has no item in column 'sku'",
                "interaction: orders.csv, line 9: column 'sku' is no valid UTF-8; save the file as UTF-8",
            ], _shop.Failures);
        Assert.Equal((4, 5), _shop.Log.Of("interaction"));
        Assert.Equal(
            """{"rating":{"count":2,"first":"orders.csv, line 7: \u0027NaN\u0027"},"time":{"count":1,"first":"orders.csv, line 8: \u0027soon\u0027"}}""",
            _shop.Log.AbsentValues().ToJsonString());
    }

    [Fact]
    public async Task A_line_of_a_hundred_megabytes_is_one_failure()
    {
        using (var file = File.Create(Path.Combine(_shop.Folder, "orders.csv")))
        {
            file.Write("customer,sku,stars,at\na,1,5,0\nb,"u8);
            var block = new byte[1 << 20];
            block.AsSpan().Fill((byte)'x');
            for (var i = 0; i < 100; i++) file.Write(block);
            file.Write(",5,0\nz,9,1,0\n"u8);
        }
        Assert.Equal(["a 1 5 1970-01-01 00:00:00", "z 9 1 1970-01-01 00:00:00"], await _shop.LinesAsync(Shop.Orders));
        Assert.Equal(["interaction: orders.csv, line 3: is longer than 1048576 characters, the most allowed"], _shop.Failures);
    }

    [Fact]
    public async Task A_quote_that_is_not_closed_costs_the_lines_up_to_the_next_one_and_is_told()
    {
        _shop.Write("orders.csv", "customer,sku,stars,at\na,1,5,0\nb,\"2,5,0\nc,3,5,0\nd,\"4\",5,0\ne,5,5,0\n");
        Assert.Equal(["a 1 5 1970-01-01 00:00:00"], (await _shop.LinesAsync(Shop.Orders))[..1]);
        Assert.Contains("line 3: has ", Assert.Single(_shop.Failures), StringComparison.Ordinal);
        Assert.Contains("is a quote not closed?", Assert.Single(_shop.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_ends_the_file_with_a_failure()
    {
        _shop.Write("orders.csv", "customer,sku,stars,at\na,1,5,0\nb,\"2,5,0\n" + string.Concat(Enumerable.Repeat("c,3,5,0\n", 3 << 20)));
        Assert.Equal(["a 1 5 1970-01-01 00:00:00"], await _shop.LinesAsync(Shop.Orders));
        Assert.StartsWith("file: orders.csv, line ", Assert.Single(_shop.Failures), StringComparison.Ordinal);
        Assert.Contains("a quote is not closed", Assert.Single(_shop.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_packed_file_that_breaks_off_is_a_failed_file_whose_first_rows_count(string packing)
    {
        var text = "customer,sku,stars,at\n" + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"u{i * 7919L % 100_003},i{i % 1000},5,{i}\n"));
        var packed = packing == "gzip" ? Shop.Gzip(text) : Shop.Zstd(text);
        _shop.Write("1.csv", packed[..(packed.Length / 2)]).Write("2.csv", "customer,sku,stars,at\nlast,1,5,0\n");
        var table = await _shop.ReadAsync(Shop.Orders with { Files = ["?.csv"] });
        Assert.InRange(table.Rows.Count, 1000, 199_999);
        Assert.Equal("last", table.Users[^1]);
        var failure = _shop.Log.Failures.Single(f => f.Kind == "file");
        Assert.StartsWith("1.csv, line ", failure.Id, StringComparison.Ordinal);
        Assert.Contains("the packed data are damaged or break off", failure.Reason, StringComparison.Ordinal);
        Assert.Contains("the rows after this one are lost", failure.Reason, StringComparison.Ordinal);
        Assert.Contains("1 of 2 files failed", IngestLog.TooMany(_shop.Log.Shares(), 0.05, "folder"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("<!DOCTYPE html>\n<html><body>Log in</body></html>\n", "is a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n", "is a Git LFS pointer")]
    public async Task A_file_that_is_no_table_is_told_for_what_it_is(string text, string expected)
    {
        _shop.Write("orders.csv", text);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Shop.Orders));
        Assert.StartsWith("orders.csv: holds no usable interaction; 1 of 1 files failed, the first: orders.csv (", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_header_alone_holds_no_interaction()
    {
        _shop.Write("orders.csv", "customer,sku,stars,at\n");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Shop.Orders));
        Assert.Equal("orders.csv: holds no usable interaction; there is no row", error.Message);
    }
}
