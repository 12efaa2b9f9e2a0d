using LmmRec.Artifacts;
using LmmRec.Ingest.Tables;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tests.Tables;

public sealed class JsonLinesTests : IDisposable
{
    private static readonly InteractionTableOptions Orders = Shop.Orders with { Files = ["orders.jsonl"] };

    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Fields_are_found_by_name_wherever_they_stand_and_numbers_stay_as_they_are_written()
    {
        _shop.Write("orders.jsonl", """
            {"note": {"sku": "not this"}, "sku": "007", "at": 1529193600000, "customer": 12345678901234567890, "stars": 4.5}

            {"customer": "b\u00e9a \"x\"", "sku": 1.0, "extra": [1, {"at": 2}], "stars": null}
            """);
        Assert.Equal(["12345678901234567890 007 4.5 2018-06-17 00:00:00", "béa \"x\" 1.0"], await _shop.LinesAsync(Orders));
        Assert.Empty(_shop.Failures);
    }

    [Fact]
    public async Task A_packed_file_with_a_byte_order_mark_and_line_ends_of_Windows_is_read()
    {
        _shop.Write("orders.jsonl", Shop.Gzip("\uFEFF{\"customer\":\"a\",\"sku\":\"1\",\"stars\":1,\"at\":\"2018-06-17\"}\r\n{\"customer\":\"b\",\"sku\":\"2\"}"));
        Assert.Equal(["a 1 1 2018-06-17 00:00:00", "b 2"], await _shop.LinesAsync(Orders));
    }

    [Fact]
    public async Task Fields_within_others_have_names_with_dots_and_lists_are_lists()
    {
        _shop.Write("items.jsonl", """
            {"id": "1", "title": ["A", "b"], "categories": [["Home", "Lamps"], ["Sale"]], "details": {"Brand": "Lux"}, "images": [{"large": "http://a/1.jpg"}, {"large": null}, {"large": "http://a/2.jpg"}]}
            {"id": "2", "title": "C", "categories": "Chairs|Home", "details": {}, "images": "http://a/3.jpg"}
            """);
        var items = await _shop.ItemsAsync(new ItemTableOptions
        {
            Files = ["items.jsonl"],
            ListSeparator = "|",
            Columns = new ItemColumns { Id = "id", Title = "title", Brand = "details.Brand", Categories = ["categories"], Image = ["images.large"] },
        }, "1", "2");
        Assert.Equal(("A b", "Lux"), (items["1"].Title, items["1"].Brand));
        Assert.Equal(["Home", "Lamps"], items["1"].Categories);
        Assert.Equal(["http://a/1.jpg", "http://a/2.jpg"], items["1"].Pictures.Select(p => p.Text));
        Assert.Equal(["Chairs", "Home"], items["2"].Categories);
        Assert.Null(items["2"].Brand);
        Assert.Empty(items["2"].Pictures);
    }

    [Fact]
    public async Task Lines_that_cannot_be_used_are_told_and_the_others_are_read()
    {
        _shop.Write("orders.jsonl", [.. """
            {"customer": "a", "sku": "1", "stars": 1, "at": 0}
            {"customer": "a", "sku":
            [1]
            {"customer": "a\ud800", "sku": "1"}
            {"customer": "a"}
            {"customer": "a", "sku": {"id": 1}}
            {"customer": "b", "sku": "2", "stars": NaN}
            {"customer": "b", "sku": "2"} {}
            {"customer": "
            """u8, 0xff, .. "\", \"sku\": \"1\"}\n{\"customer\": \"c\", \"sku\": \""u8, .. new byte[TableReader.MaxRow].Select(_ => (byte)'x'), .. "\"}\n{\"customer\": \"z\", \"sku\": \"9\"}"u8]);
        Assert.Equal(["a 1 1 1970-01-01 00:00:00", "z 9"], await _shop.LinesAsync(Orders));
        Assert.Collection(_shop.Failures,
            f => Assert.StartsWith("interaction: orders.jsonl, line 2: is no JSON: ", f, StringComparison.Ordinal),
            f => Assert.Equal("interaction: orders.jsonl, line 3: is no JSON object", f),
            f => Assert.Equal("interaction: orders.jsonl, line 4: holds text that is no valid UTF-8, or an escape that is half a character", f),
            f => Assert.Equal("interaction: orders.jsonl, line 5: has no item in column 'sku'", f),
            f => Assert.Equal("interaction: orders.jsonl, line 6: has no item in column 'sku'", f),
            f => Assert.StartsWith("interaction: orders.jsonl, line 7: is no JSON: ", f, StringComparison.Ordinal),
            f => Assert.StartsWith("interaction: orders.jsonl, line 8: ", f, StringComparison.Ordinal),
            f => Assert.Equal("interaction: orders.jsonl, line 9: holds text that is no valid UTF-8, or an escape that is half a character", f),
            f => Assert.Equal($"interaction: orders.jsonl, line 10: is longer than {TableReader.MaxRow} bytes, the most allowed", f));
    }

    [Fact]
    public async Task A_field_that_no_row_has_is_told_with_those_that_are_there_and_the_nearest()
    {
        _shop.Write("orders.jsonl", """{"custome": "a", "sku": "1", "star": 5, "at": 0, "shop": {"name": "x"}}""");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Orders));
        Assert.Contains("there is no column 'customer'; did you mean 'custome'? (allowed: at, custome, shop.name, sku, star)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_which_no_row_has_a_field_is_read_with_the_others_that_have_it()
    {
        _shop.Write("1.jsonl", """{"customer": "a", "sku": "1", "at": 0}""").Write("2.jsonl", """{"customer": "b", "sku": "2", "stars": 4, "at": 0}""");
        Assert.Equal(["a 1  1970-01-01 00:00:00", "b 2 4 1970-01-01 00:00:00"], await _shop.LinesAsync(Orders with { Files = ["*.jsonl"] }));
        Assert.Empty(_shop.Notes);
    }

    [Fact]
    public async Task A_field_that_need_not_be_there_is_missed_aloud_where_no_row_of_all_files_has_it()
    {
        _shop.Write("1.jsonl", """{"customer": "a", "sku": "1", "at": 0}""").Write("2.jsonl", """{"customer": "b", "sku": "2", "star": 4, "at": 0}""");
        Assert.Equal(["a 1  1970-01-01 00:00:00", "b 2  1970-01-01 00:00:00"], await _shop.LinesAsync(Orders with { Files = ["*.jsonl"] }));
        Assert.Contains("warning: *.jsonl: there is no column 'stars'; did you mean 'star'?", Assert.Single(_shop.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_by_which_rows_are_chosen_must_be_there()
    {
        _shop.Write("orders.jsonl", """{"customer": "a", "sku": "1", "star": 5, "at": 0}""");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Orders with { MinRating = 3 }));
        Assert.Contains("there is no column 'stars'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_list_of_objects_is_told_how_to_become_lines()
    {
        _shop.Write("orders.jsonl", "[{\"customer\": \"a\", \"sku\": \"1\"}]");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Orders));
        Assert.Contains("is one JSON list; wanted is one object a line, as 'jq -c .[]' makes of it", error.Message, StringComparison.Ordinal);
    }
}
