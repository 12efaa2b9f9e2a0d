using CsCheck;
using DuckDB.NET.Data;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Artifacts.Tests;

public sealed class TableTests : IDisposable
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char["aß\"'\n\0İ中"], 0, 12];
    private static readonly Gen<float[]?> Vector = Gen.Float.Array[0, 5].Select(v => v).Null();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_table_reads_back_as_it_was_written() =>
        Gen.Select(Gen.Int, Text, Text.Null(), Text.Array[0, 3], Gen.Double.Nullable(), Gen.DateTime.Nullable())
            .Select((item, id, title, categories, rating, time) => (
                Item: new ItemRow(item, id, title, null, categories, title, null, id),
                Interaction: new InteractionRow(item, id, item, id, rating, time is { } t ? Microseconds(t) : null, Splits.Train)))
            .Array[0, 20]
            .Sample(rows =>
            {
                AssertRoundTrip(rows.Select(r => r.Item).ToArray(), (a, b) => a with { Categories = b.Categories } == b && a.Categories.SequenceEqual(b.Categories));
                AssertRoundTrip(rows.Select(r => r.Interaction).ToArray(), (a, b) => a == b);
            }, iter: 50, seed: "0000KOIPZG52", threads: 1);

    [Fact]
    public void Absent_empty_and_full_vectors_stay_apart_over_several_row_groups() =>
        Gen.Select(Vector, Vector).Array[0, 3000].Sample(
            vectors => AssertRoundTrip(
                vectors.Select((v, i) => new FeatureRow(i, $"i{i}", v.Item1, FeatureStatus.Ok, v.Item2, FeatureStatus.Missing)).ToArray(),
                (a, b) => a with { Visual = null, Textual = null } == b with { Visual = null, Textual = null } && Same(a.Visual, b.Visual) && Same(a.Textual, b.Textual)),
            iter: 5, seed: "0000KOIPZG52", threads: 1);

    [Fact]
    public async Task Another_reader_sees_the_same_rows()
    {
        var path = _folder.PathOf("features.parquet");
        FeatureRow[] rows =
        [
            new(0, "a", [1.5f, -2f], FeatureStatus.Ok, null, FeatureStatus.Missing),
            new(1, "b", [], FeatureStatus.Ok, [0.25f], FeatureStatus.Ok),
        ];
        await TableFile.WriteAsync(path, rows, TestContext.Current.CancellationToken);
        await TableFile.WriteAsync(_folder.PathOf("interactions.parquet"),
            [new InteractionRow(3, "u", 4, "i", null, new DateTime(2014, 7, 23, 1, 2, 3, DateTimeKind.Utc), Splits.Test)], TestContext.Current.CancellationToken);

        Assert.Equal(
            ["0|a|[1.5, -2.0]|", "1|b|[]|[0.25]"],
            Query("item item_id visual textual", path));
        Assert.Equal(["3||2014-07-23 01:02:03+00|test"],
            Query("\"user\" rating time split", _folder.PathOf("interactions.parquet")));
    }

    [Fact]
    public async Task Tables_are_compressed_but_pictures_and_vectors_lie_in_them_as_they_are()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await TableFile.WriteAsync(_folder.PathOf("users.parquet"), [new UserRow(0, "u")], cancellation);
        await TableFile.WriteAsync(_folder.PathOf("vectors.parquet"), [new UserVectorRow(0, "u", [0.5f])], cancellation);
        await TableFile.WriteAsync(_folder.PathOf("pictures.parquet"), [new ImageRow(0, "i", "http://shop.test/", "", 1, 1, [1, 2, 3])], cancellation);

        string Compression(string table) => Scalar($"select string_agg(distinct compression, ' ') from parquet_metadata('{_folder.PathOf(table)}')");
        Assert.Equal("ZSTD", Compression("users.parquet"));
        Assert.Equal("UNCOMPRESSED", Compression("vectors.parquet"));
        Assert.Equal("UNCOMPRESSED", Compression("pictures.parquet"));
        Assert.Equal(["i|\\x01\\x02\\x03"], Query("item_id bytes", _folder.PathOf("pictures.parquet")));
    }

    [Fact]
    public async Task A_file_that_is_no_table_is_named()
    {
        var path = _folder.PathOf("items.parquet");
        await File.WriteAllTextAsync(path, "not parquet at all", TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => TableFile.ReadAsync<ItemRow>(path, TestContext.Current.CancellationToken));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_lacks_a_column_names_it()
    {
        var path = _folder.PathOf("items.parquet");
        await TableFile.WriteAsync(path, [new UserRow(0, "u")], TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => TableFile.ReadAsync<ItemRow>(path, TestContext.Current.CancellationToken));
        Assert.Contains("item_id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_rows_give_the_same_bytes()
    {
        var rows = Enumerable.Range(0, 5000).Select(i => new UserVectorRow(i, $"u{i}", [i, -i])).ToList();
        await TableFile.WriteAsync(_folder.PathOf("a.parquet"), rows, TestContext.Current.CancellationToken);
        await TableFile.WriteAsync(_folder.PathOf("b.parquet"), rows, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllBytesAsync(_folder.PathOf("a.parquet"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(_folder.PathOf("b.parquet"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_row_group_of_large_pictures_ends_before_it_fills_the_memory()
    {
        var path = _folder.PathOf("images.parquet");
        var picture = new byte[8 << 20];
        var rows = Enumerable.Range(0, 20).Select(i => new ImageRow(i, $"i{i}", "http://shop.test/", "", 1, 1, picture));
        Assert.Equal(20, await TableFile.WriteAsync(path, rows, TestContext.Current.CancellationToken));

        Assert.Equal("8 8 4", Scalar($"select string_agg(n, ' ' order by row_group_id) from (select distinct row_group_id, cast(row_group_num_rows as varchar) n from parquet_metadata('{path}'))"));
    }

    private static DateTime Microseconds(DateTime time) => new(time.Ticks / 10 * 10, DateTimeKind.Utc);

    private static bool Same(float[]? a, float[]? b) => a is null ? b is null : b is not null && a.AsSpan().SequenceEqual(b);

    private void AssertRoundTrip<TRow>(TRow[] rows, Func<TRow, TRow, bool> same)
    {
        var path = _folder.PathOf($"{typeof(TRow).Name}.parquet");
        TableFile.WriteAsync(path, rows, CancellationToken.None).GetAwaiter().GetResult();
        var read = TableFile.ReadAsync<TRow>(path, CancellationToken.None).GetAwaiter().GetResult();
        Assert.Equal(rows.Length, read.Count);
        for (var i = 0; i < rows.Length; i++) Assert.True(same(rows[i], read[i]), $"row {i}: {rows[i]} became {read[i]}");
    }

    private static string Scalar(string query)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return (string)command.ExecuteScalar()!;
    }

    private static List<string> Query(string columns, string path)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        var texts = columns.Split(' ').Select(column => $"coalesce(cast({column} as varchar), '')");
        command.CommandText = $"set timezone='UTC'; select concat_ws('|', {string.Join(", ", texts)}) from '{path}'";
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(reader.GetString(0));
        return rows;
    }
}
