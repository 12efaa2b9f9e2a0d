using DuckDB.NET.Data;
using LmmRec.Artifacts;
using LmmRec.Ingest.Tables;

namespace LmmRec.Ingest.Tests.Tables;

/// <summary>Parquet as another tool writes it: DuckDB.</summary>
public sealed class ParquetTests : IDisposable
{
    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Whole_numbers_become_their_digits_and_times_are_times()
    {
        Write("orders.parquet", """
            select * from (values
                (7::bigint, 'A/1', 4.5::double, timestamp '2018-06-17 12:30:00.5'),
                (123456789012::bigint, '007', null, null),
                (7::bigint, '007', 3::double, timestamp '2018-06-18')) as t(customer, sku, stars, "at")
            """);
        Assert.Equal(["7 A/1 4.5 2018-06-17 12:30:00", "123456789012 007", "7 007 3 2018-06-18 00:00:00"], await _shop.LinesAsync(Shop.Orders with { Files = ["orders.parquet"] }));
        Assert.Empty(_shop.Failures);
    }

    [Theory]
    [InlineData("12::tinyint", "12")]
    [InlineData("-12::smallint", "-12")]
    [InlineData("200::utinyint", "200")]
    [InlineData("60000::usmallint", "60000")]
    [InlineData("12::integer", "12")]
    [InlineData("4000000000::uinteger", "4000000000")]
    [InlineData("18000000000000000000::ubigint", "18000000000000000000")]
    [InlineData("1.5::float", "1.5")]
    [InlineData("12.50::decimal(9,2)", "12.50")]
    [InlineData("true", "true")]
    [InlineData("date '2018-06-17'", "2018-06-17")]
    [InlineData("'6f1c4f6e-7a3b-4d53-9b1c-0f1e2d3c4b5a'::uuid", "6f1c4f6e-7a3b-4d53-9b1c-0f1e2d3c4b5a")]
    [InlineData("'text'::blob", "text")]
    [InlineData("'b'::enum('a', 'b')", "b")]
    public async Task An_id_of_any_type_is_text(string value, string expected)
    {
        Write("orders.parquet", $"select 'u' as customer, {value} as sku, 1 as stars, 0 as \"at\"");
        Assert.Equal([expected], (await _shop.ReadAsync(Shop.Orders with { Files = ["orders.parquet"] })).Items);
    }

    [Fact]
    public async Task Nested_fields_lists_and_columns_by_dictionary_are_read_across_row_groups()
    {
        Write("items.parquet", """
            select 'item ' || i as id,
                case when i % 3 = 0 then null else 'title ' || (i % 5) end as title,
                {'brand': case when i % 2 = 0 then 'even' end, 'made': i} as details,
                case i % 4 when 0 then null when 1 then [] when 2 then ['a', null, 'b'] else ['c'] end as categories,
                [['first', 'path'], ['second']] as paths,
                [{'url': 'http://a/' || i || '.jpg', 'width': 1}, {'url': 'http://b/' || i || '.jpg', 'width': 2}] as images
            from range(5000) r(i)
            """, "row_group_size 2048");
        var options = new ItemTableOptions
        {
            Files = ["items.parquet"],
            Columns = new ItemColumns { Id = "id", Title = "title", Brand = "details.brand", Categories = ["categories"], Description = "paths", Image = ["images.url"] },
        };
        var items = await _shop.ItemsAsync(options, [.. Enumerable.Range(0, 5000).Select(i => $"item {i}")]);
        Assert.Equal(5000, items.Count);
        for (var i = 0; i < 5000; i++)
        {
            var item = items[$"item {i}"];
            Assert.Equal((i % 3 == 0 ? null : $"title {i % 5}", i % 2 == 0 ? "even" : null, "first path"), (item.Title, item.Brand, item.Description));
            Assert.Equal((i % 4) switch { 2 => ["a", "b"], 3 => ["c"], _ => [] }, item.Categories);
            Assert.Equal([$"http://a/{i}.jpg", $"http://b/{i}.jpg"], item.Pictures.Select(p => p.Text));
        }
    }

    [Fact]
    public async Task A_missing_column_is_told_with_those_that_are_there()
    {
        Write("orders.parquet", "select 'u' as customer, 'i' as sk, {'a': 1, 'b': [1]} as x, 1 as stars, 0 as \"at\"");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Shop.Orders with { Files = ["orders.parquet"] }));
        Assert.Contains("there is no column 'sku'; did you mean 'sk'? (allowed: at, customer, sk, stars, x.a, x.b)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_is_told_and_the_others_are_read()
    {
        Write("1.parquet", "select 'u' || i as customer, 'i' as sku, 1 as stars, 0 as \"at\" from range(10) r(i)");
        var whole = File.ReadAllBytes(Path.Combine(_shop.Folder, "1.parquet"));
        _shop.Write("2.parquet", whole[..(whole.Length / 2)]).Write("3.parquet", [.. whole[..4], .. new byte[40], .. whole[44..]]);
        var table = await _shop.ReadAsync(Shop.Orders with { Files = ["*.parquet"] });
        Assert.Equal(10, table.Users.Count);
        Assert.Equal(["2.parquet", "3.parquet"], _shop.Log.Failures.Where(f => f.Kind == "file").Select(f => f.Id));
        Assert.All(_shop.Log.Failures, f => Assert.Contains("cannot be read as Parquet", f.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_small_file_that_unfolds_to_millions_of_values_in_one_group_is_refused_and_fills_no_memory()
    {
        Write("orders.parquet", "select 'u' as customer, 'i' as sku, 1 as stars, 0 as \"at\" from range(4000000)", "compression zstd, row_group_size 4000000");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _shop.ReadAsync(Shop.Orders with { Files = ["orders.parquet"] }));
        Assert.Contains("column 'customer' claims 4000000 values", error.Message, StringComparison.Ordinal);
    }

    private void Write(string name, string query, string options = "compression zstd")
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"copy ({query}) to '{Path.Combine(_shop.Folder, name)}' (format parquet, {options})";
        command.ExecuteNonQuery();
    }
}
