using System.Runtime.InteropServices;
using System.Text;
using DuckDB.NET.Data;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Matrices;
using LmmRec.Ingest.Tables;

namespace LmmRec.Ingest.Tests;

public sealed class MatrixImportTests : IDisposable
{
    private static readonly DatasetOptions Shop = new()
    {
        Source = DatasetSource.Table,
        Name = "shop",
        Interactions = new InteractionTableOptions { Files = ["orders.csv"], Columns = new InteractionColumns { User = "user", Item = "item" } },
    };

    private const string NullAmongValues = "has a vector with null among its values; write a number there, or leave the row out: items may lack one";

    private readonly TemporaryFolder _data = new(), _workspace = new();
    private readonly Quiet _progress = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public MatrixImportTests() => _data.File("orders.csv", "user,item\nanna,tea\nanna,mug\nanna,pot\nben,tea\nben,mug\nben,pot\n");

    public void Dispose()
    {
        _data.Dispose();
        _workspace.Dispose();
    }

    [Theory]
    [InlineData("clip.npy")]
    [InlineData("clip.parquet")]
    [InlineData("clip")]
    public async Task Each_form_gives_the_items_their_own_vectors_whatever_the_order_and_leaves_out_what_is_of_no_item(string file)
    {
        (string Id, float[] Vector)[] rows = [("pot", [5, 6]), ("hat", [9, 9]), ("tea", [1, 2])];
        if (file == "clip")
        {
            Directory.CreateDirectory(_data.In("clip"));
            _data.File("clip/readme.txt", "no vector");
            foreach (var (id, vector) in rows) _data.Npy($"clip/{id}.npy", 1, vector);
        }
        else if (file == "clip.parquet") Parquet("SELECT * FROM (VALUES ('pot', [5, 6]), ('hat', [9, 9]), ('tea', [1, 2])) AS t(id, v)", "id, v::FLOAT[] AS vector");
        else
        {
            _data.Npy("clip.npy", 3, [.. rows.SelectMany(r => r.Vector)]);
            _data.File("clip.npy.ids", "\uFEFFpot\r\nhat\r\ntea\r\n");
        }

        Assert.True(await RunAsync(file));
        Assert.Equal([(0, "tea", 1f, 2f), (2, "pot", 5, 6)], (await MatrixAsync()).Select(r => (r.Item, r.ItemId, r.Vector[0], r.Vector[1])));
        Assert.Contains("matrix clip: 2 of 3 items have a vector of 2; rows of no item that is left: 1", _progress.Notes);
        Assert.Equal("""{"clip":{"used":2,"ofNoItem":1,"repeated":0}}""", Stage.Manifest(Artifact).Facts["matrixRows"]!.ToJsonString());
        Assert.Equal([Artifact], Directory.EnumerateFileSystemEntries(_workspace.Path));
    }

    [Fact]
    public async Task Of_rows_with_one_id_the_first_counts_and_other_types_are_converted_and_both_are_said()
    {
        _data.Npy("clip.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 1), }", MemoryMarshal.AsBytes<double>([0.5, 2, 3]));
        _data.File("clip.npy.ids", "mug\ntea\nmug");
        await RunAsync("clip.npy");
        Assert.Equal([("tea", 2f), ("mug", 0.5f)], (await MatrixAsync()).Select(r => (r.ItemId, r.Vector.Single())));
        Assert.Contains("matrix clip: 2 of 3 items have a vector of 1; rows with the id of one before them, which counts: 1; its values are float64 and become float32", _progress.Notes);
    }

    [Theory]
    [InlineData(null, "clip.npy: nothing says which row is whose, since the items of these data have no index; put clip.npy.ids beside it, one id a line, in the order of the rows")]
    [InlineData("tea\nmug\n", "clip.npy.ids: has 2 ids, but clip.npy has 3 rows; wanted is one id a line, in the order of the rows")]
    [InlineData("tea\nmug\npot\nhat\n", "clip.npy.ids: has 4 ids, but clip.npy has 3 rows; wanted is one id a line, in the order of the rows")]
    [InlineData("tea\n\nmug\n", "clip.npy.ids, line 2: is empty; wanted is one id a line")]
    [InlineData("0\n1\n2\n", "clip.npy: has a row for none of the 3 items; the first in it is '0', of the items 'tea'; is it of these data?")]
    public async Task Ids_that_do_not_fit_the_rows_or_the_items_are_refused(string? ids, string expected)
    {
        _data.Npy("clip.npy", 3, 1, 2, 3);
        if (ids is not null) _data.File("clip.npy.ids", ids);
        Assert.Equal(_data.In(expected), await RefusedAsync("clip.npy"));
    }

    [Fact]
    public async Task Ids_in_another_encoding_are_refused_with_their_line()
    {
        _data.Npy("clip.npy", 3, 1, 2, 3);
        File.WriteAllBytes(_data.In("clip.npy.ids"), Encoding.Latin1.GetBytes("tea\nthé\nmug"));
        Assert.Equal(_data.In("clip.npy.ids, line 2: is not in UTF-8; write it again in UTF-8"), await RefusedAsync("clip.npy"));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1e300)]
    public async Task A_value_that_is_no_finite_float32_is_named_by_row_and_place(double bad)
    {
        _data.Npy("clip.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", MemoryMarshal.AsBytes<double>([0, 0, 0, 0, 0, bad]));
        _data.File("clip.npy.ids", "tea\nmug\n");
        Assert.StartsWith(_data.In($"clip.npy: row 1, value 2 (0-based) is {(float)bad} as float32"), await RefusedAsync("clip.npy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whole_numbers_of_a_Parquet_file_are_ids_by_their_digits()
    {
        _data.File("orders.csv", "user,item\nanna,10\nanna,20\nanna,30\nben,10\n");
        Parquet("SELECT * FROM (VALUES (30, 3), (10, 1)) AS t(id, v)", "id, [v]::FLOAT[1] AS vector");
        await RunAsync("clip.parquet");
        Assert.Equal([("10", 1f), ("30", 3f)], (await MatrixAsync()).Select(r => (r.ItemId, r.Vector.Single())));
    }

    [Theory]
    [InlineData("id, [v::DOUBLE] AS vector", "its column 'vector' is of type list<double>; allowed is list<float>: cast it, as DuckDB does by vector::FLOAT[]")]
    [InlineData("id, 'ab'::BLOB AS vector", "its column 'vector' is of type text or bytes; allowed is list<float>: cast it, as DuckDB does by vector::FLOAT[]")]
    [InlineData("id, uuid() AS vector", "its column 'vector' is of type guid; allowed is list<float>: cast it, as DuckDB does by vector::FLOAT[]")]
    [InlineData("id, [[v::FLOAT]] AS vector", "its column 'vector' is of type list<list<float>>; allowed is list<float>: cast it, as DuckDB does by vector::FLOAT[]")]
    [InlineData("v::DOUBLE AS id, [v::FLOAT] AS vector", "its column 'id' is of type double; allowed is text or whole numbers")]
    [InlineData("id, [v::FLOAT] AS embedding", "has no column 'vector'; it has id, embedding; wanted are 'id' (text or whole numbers) and 'vector' (list<float>)")]
    [InlineData("id, CASE v WHEN 1 THEN [1, 2]::FLOAT[] ELSE [3]::FLOAT[] END AS vector", "row 1 has 1 values where the first has 2; all must have as many")]
    [InlineData("id, CASE v WHEN 1 THEN [1, 2]::FLOAT[] ELSE [3, NULL]::FLOAT[] END AS vector", "row 1 " + NullAmongValues)]
    [InlineData("id, CASE v WHEN 1 THEN [1, 2]::FLOAT[] ELSE [NULL, 1, 2]::FLOAT[] END AS vector", "row 1 " + NullAmongValues)]
    [InlineData("id, [1, NULL, 2]::FLOAT[] AS vector", "row 0 " + NullAmongValues)]
    [InlineData("id, [NULL, NULL]::FLOAT[] AS vector", "row 0 " + NullAmongValues)]
    [InlineData("id, [NULL]::FLOAT[] AS vector", "row 0 has no vector; leave such rows out: items may lack one")]
    [InlineData("id, range(1048577)::FLOAT[] AS vector", "row 0 has 1048577 values; allowed are at most 1048576")]
    [InlineData("id, CASE v WHEN 1 THEN [1, 2]::FLOAT[] END AS vector", "row 1 has no vector; leave such rows out: items may lack one")]
    [InlineData("id, []::FLOAT[] AS vector", "row 0 has no vector; leave such rows out: items may lack one")]
    [InlineData("NULL::VARCHAR AS id, [v::FLOAT] AS vector", "row 0 has no id, or one longer than 1048576 characters")]
    [InlineData("'' AS id, [v::FLOAT] AS vector", "row 0 has no id, or one longer than 1048576 characters")]
    public async Task A_Parquet_file_without_ids_or_vectors_of_float32_and_one_width_is_refused(string columns, string expected)
    {
        Parquet("SELECT * FROM (VALUES ('tea', 1), ('mug', 2)) AS t(id, v)", columns);
        Assert.Equal(_data.In($"clip.parquet: {expected}"), await RefusedAsync("clip.parquet"));
    }

    [Fact]
    public async Task A_broken_Parquet_file_and_one_without_rows_are_refused()
    {
        _data.File("clip.parquet", "PAR1 and no more");
        Assert.StartsWith(_data.In("clip.parquet: cannot be read as Parquet: "), await RefusedAsync("clip.parquet"), StringComparison.Ordinal);
        Parquet("SELECT 'tea' AS id LIMIT 0", "id, [1]::FLOAT[] AS vector");
        Assert.Equal(_data.In("clip.parquet: holds no row"), await RefusedAsync("clip.parquet"));
    }

    [Fact]
    public async Task A_folder_without_vectors_or_with_others_than_the_first_is_refused_by_file()
    {
        Directory.CreateDirectory(_data.In("clip"));
        Assert.StartsWith(_data.In("clip: no file .npy lies in it"), await RefusedAsync("clip"), StringComparison.Ordinal);
        _data.Npy("clip/mug.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", new byte[8]);
        _data.Npy("clip/tea.npy", 1, 1, 2, 3);
        Assert.StartsWith(_data.In("clip/tea.npy: has 3 values, but mug.npy has 2"), await RefusedAsync("clip"), StringComparison.Ordinal);
        _data.Npy("clip/tea.npy", 2, 1, 2, 3, 4);
        Assert.StartsWith(_data.In("clip/tea.npy: its shape is (2, 2); allowed is a vector [features] or [1, features]"), await RefusedAsync("clip"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_file_of_a_folder_or_of_ids_runs_the_step_again_and_an_unchanged_one_does_not()
    {
        Directory.CreateDirectory(_data.In("clip"));
        _data.Npy("clip/tea.npy", 1, 1);
        Assert.True(await RunAsync("clip"));
        Assert.False(await RunAsync("clip"));
        _data.Npy("clip/tea.npy", 1, 2);
        Assert.True(await RunAsync("clip"));
        File.Move(_data.In("clip/tea.npy"), _data.In("clip/mug.npy"));
        Assert.True(await RunAsync("clip"));

        _data.Npy("clip.npy", 1, 1);
        _data.File("clip.npy.ids", "tea");
        Assert.True(await RunAsync("clip.npy"));
        _data.File("clip.npy.ids", "mug");
        Assert.True(await RunAsync("clip.npy"));
        Assert.False(await RunAsync("clip.npy"));
    }

    [Fact]
    public async Task Ids_beside_a_form_that_has_its_own_are_not_read_and_change_nothing()
    {
        Directory.CreateDirectory(_data.In("clip"));
        _data.Npy("clip/tea.npy", 1, 1);
        Assert.True(await RunAsync("clip"));
        _data.File("clip.ids", "mug");
        Assert.False(await RunAsync("clip"));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named_beside_those_that_may_be_meant()
    {
        _data.Npy("clip.npy", 1, 1);
        _data.File("clip.parquet", "");
        _data.File("clip.txt", "");
        Assert.EndsWith("by default clip.npy; found: clip.npy, clip.parquet", await RefusedAsync("klip.parquet"), StringComparison.Ordinal);
        Assert.EndsWith("by default clip.npy; found: none", await RefusedAsync("features/clip.npy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_items_that_were_left_out_for_want_of_a_picture_are_counted_as_of_no_item()
    {
        _data.File("items.csv", "item,picture\ntea,tea.png\nmug,none.png\npot,tea.png\n");
        await File.WriteAllBytesAsync(_data.In("tea.png"), PictureTests.Png(20), Cancellation);
        _data.Npy("clip.npy", 3, 1, 2, 3);
        _data.File("clip.npy.ids", "tea\nmug\nhat\n");
        var shop = Shop with
        {
            Items = new ItemTableOptions { Files = ["items.csv"], Columns = new ItemColumns { Id = "item", Image = ["picture"] } },
        };
        await Stage.RunAsync(shop, new IngestOptions { Core = 1, DropMissingImages = true }, _data.Path, Artifact, [new WantedMatrix("clip", "clip.npy")], _progress);
        Assert.Equal("""{"clip":{"used":1,"ofNoItem":2,"repeated":0}}""", Stage.Manifest(Artifact).Facts["matrixRows"]!.ToJsonString());
    }

    [Fact]
    public async Task A_file_of_another_kind_is_refused_with_those_that_there_are()
    {
        _data.File("clip.csv", "tea,1");
        Assert.EndsWith("clip.csv: '.csv' is no ending of a feature matrix; allowed are .npy, .parquet, .b (Amazon's) and a folder of <id>.npy", await RefusedAsync("clip.csv"), StringComparison.Ordinal);
    }

    private string Artifact => _workspace.In("ingest");

    private async Task<bool> RunAsync(string file) =>
        (await Stage.RunAsync(Shop, new IngestOptions { Core = 1 }, _data.Path, Artifact, [new WantedMatrix("clip", file)], _progress)).Ran;

    private async Task<string> RefusedAsync(string file)
    {
        var message = (await Assert.ThrowsAsync<InvalidInputException>(() => RunAsync(file))).Message;
        Assert.Empty(Directory.EnumerateFileSystemEntries(_workspace.Path));
        return message;
    }

    private Task<List<MatrixRow>> MatrixAsync() => TableFile.ReadAsync<MatrixRow>(Path.Combine(Artifact, "matrix-clip.parquet"), Cancellation);

    private void Parquet(string rows, string columns)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY (SELECT {columns} FROM ({rows})) TO '{_data.In("clip.parquet")}' (FORMAT parquet)";
        command.ExecuteNonQuery();
    }
}
