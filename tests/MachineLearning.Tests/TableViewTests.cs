using System.Reflection;
using System.Text.RegularExpressions;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LmmRec.MachineLearning.Tests;

public sealed class TableViewTests : IDisposable
{
    private const int Items = 3000, Width = 4; // three row groups

    private readonly Store _store = new();
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 7);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_store_opens_with_its_columns_its_rows_and_the_width_of_its_vectors()
    {
        var view = await OpenAsync();
        Assert.Equal(Items, view.GetRowCount());
        Assert.Equal(Width, ((VectorDataViewType)view.Schema["visual"].Type).Size);
        Assert.Equal(Store.Rows(Items, Width).Select(row => row.ItemId), view.GetColumn<ReadOnlyMemory<char>>("item_id").Select(id => id.ToString()));
        Assert.Equal(Store.Rows(Items, Width).Select(row => row.Item), view.GetColumn<int>("item"));
        Assert.All(view.GetColumn<float[]>("visual").Zip(Store.Rows(Items, Width)), pair => Assert.Equal(pair.Second.Visual ?? [float.NaN, float.NaN, float.NaN, float.NaN], pair.First));
    }

    [Fact]
    public async Task Rows_without_a_vector_are_missing_to_ML_NET_and_a_column_without_any_is_left_out()
    {
        var view = await OpenAsync();
        Assert.Null(view.Schema.GetColumnOrNull("textual"));
        var there = _ml.Data.FilterRowsByMissingValues(view, "visual");
        Assert.Equal(Items - (Items + Store.WithoutPicture - 1) / Store.WithoutPicture, there.GetColumn<int>("item").Count());
        Assert.All(there.GetColumn<ReadOnlyMemory<char>>("visual_status"), status => Assert.Equal(FeatureStatus.Ok, status.ToString()));
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, null)]
    [InlineData(8, null)]
    [InlineData(1, 5)]
    [InlineData(2, 5)]
    [InlineData(8, 5)]
    public async Task Parallel_cursors_give_every_row_once_and_their_batches_tell_the_order(int cursors, int? seed)
    {
        var view = await OpenAsync();
        var set = view.GetRowCursorSet([view.Schema["item"]], cursors, Generator(seed));
        Assert.Equal(Math.Min(cursors, 3), set.Length);
        var rows = set.SelectMany(Walk).ToList();
        Assert.Equal(Enumerable.Range(0, Items), rows.Select(row => row.Item).Order());
        Assert.All(rows, row => Assert.Equal((ulong)row.Item, row.Id)); // a row keeps its id in whatever order it comes
        var ordered = rows.GroupBy(row => row.Batch).OrderBy(batch => batch.Key).SelectMany(batch => batch).Select(row => row.Item);
        Assert.Equal(seed is null, ordered.SequenceEqual(Enumerable.Range(0, Items)));
    }

    [Fact]
    public async Task A_shuffled_cursor_mixes_groups_and_rows_and_the_same_seed_gives_the_same_order()
    {
        var view = await OpenAsync();
        int[] Order(int seed) => [.. Walk(view.GetRowCursor([view.Schema["item"]], Generator(seed))).Select(row => row.Item)];
        Assert.True(view.CanShuffle);
        Assert.Equal(Order(5), Order(5));
        Assert.NotEqual(Order(5), Order(6));
        Assert.Equal(3, Order(5).Select(item => item / 1024).Aggregate(new List<int>(), (groups, group) => groups.Count > 0 && groups[^1] == group ? groups : [.. groups, group]).Count);
        Assert.NotEqual(Order(5)[..100].Order(), Order(5)[..100]);
    }

    [Fact]
    public async Task Only_the_columns_that_are_wanted_are_read()
    {
        var view = await OpenAsync();
        var shard = Path.Combine(_store.Features, TableFile.ShardName("features", 0));
        // The vectors are most of the file: zeros in its middle spoil them, and nothing else.
        await using (var file = new FileStream(shard, FileMode.Open, FileAccess.Write))
        {
            file.Position = file.Length / 2;
            file.Write(new byte[64]);
        }
        Assert.Equal(Items, view.GetColumn<ReadOnlyMemory<char>>("visual_status").Count());
        Assert.Throws<InvalidInputException>(() => view.GetColumn<float[]>("visual").Count());
    }

    [Fact]
    public async Task A_column_that_was_not_asked_for_or_is_of_another_type_is_refused()
    {
        var view = await OpenAsync();
        using var cursor = view.GetRowCursor([view.Schema["item"]]);
        Assert.True(cursor.IsColumnActive(view.Schema["item"]));
        Assert.False(cursor.IsColumnActive(view.Schema["item_id"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["item_id"]));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<float>(view.Schema["item"]));
    }

    [Fact]
    public async Task Every_table_opens_with_a_column_for_each_of_its_own()
    {
        foreach (var row in typeof(FeatureRow).Assembly.GetTypes().Where(type => type.IsDefined(typeof(TableAttribute), inherit: false)))
            await (Task)typeof(TableViewTests).GetMethod(nameof(OpensAsync), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(row).Invoke(this, null)!;
    }

    private async Task OpensAsync<TRow>()
    {
        var table = Regex.Replace(typeof(TRow).Name, "Row$", "");
        await TableFile.WriteAsync(_folder.PathOf($"{table}.parquet"), Array.Empty<TRow>(), TestContext.Current.CancellationToken);
        var view = _ml.Data.LoadTable<TRow>(_folder.Path, table);
        Assert.Equal(TableFile.Columns<TRow>().Where(column => column.Type != "list<float>").Select(column => column.Name), view.Schema.Select(column => column.Name));
    }

    [Fact]
    public async Task What_is_absent_is_NaN_or_empty_and_lists_keep_their_lengths()
    {
        var time = new DateTime(2014, 5, 1, 10, 0, 0, DateTimeKind.Utc);
        await TableFile.WriteAsync(TableFile.PathOf<InteractionRow>(_folder.Path), [new InteractionRow(0, "u", 0, "a", 4.5, time, "train"), new InteractionRow(0, "u", 1, "b", null, null, "test")], TestContext.Current.CancellationToken);
        var interactions = _ml.Data.LoadTable<InteractionRow>(_folder.Path);
        Assert.Equal([4.5, double.NaN], interactions.GetColumn<double>("rating"));
        Assert.Equal([time, default], interactions.GetColumn<DateTime>("time"));

        await TableFile.WriteAsync(TableFile.PathOf<ItemRow>(_folder.Path), [new ItemRow(0, "a", null, null, ["x", "y"], null, null, ""), new ItemRow(1, "b", "B", null, [], null, null, "")], TestContext.Current.CancellationToken);
        var items = _ml.Data.LoadTable<ItemRow>(_folder.Path);
        Assert.Equal(["", "B"], items.GetColumn<ReadOnlyMemory<char>>("title").Select(title => title.ToString()));
        Assert.Equal([["x", "y"], []], items.GetColumn<ReadOnlyMemory<char>[]>("categories").Select(list => list.Select(entry => entry.ToString()).ToArray()));
    }

    [Fact]
    public void A_folder_without_the_table_is_named() =>
        Assert.Contains("there is no table 'features'", Assert.Throws<InvalidInputException>(() => _ml.Data.LoadTable<FeatureRow>(_folder.Path)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task An_artifact_that_lacks_a_shard_is_refused_rather_than_opened_in_part()
    {
        var output = new ArtifactWriter(_folder.PathOf("features"), new Recipe("featurize/a", 1, [], []));
        await output.WriteShardsAsync("features", Store.Rows(20, Width).ToAsyncEnumerable(), 10, TestContext.Current.CancellationToken);
        await output.CommitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(20, _ml.Data.LoadTable<FeatureRow>(_folder.PathOf("features")).GetRowCount());
        File.Delete(Path.Combine(_folder.PathOf("features"), TableFile.ShardName("features", 1)));
        var error = Assert.Throws<InvalidInputException>(() => _ml.Data.LoadTable<FeatureRow>(_folder.PathOf("features")));
        Assert.Contains("features-00001.parquet is missing or damaged", error.Message, StringComparison.Ordinal);
    }

    private async Task<IDataView> OpenAsync()
    {
        await _store.WriteAsync(Items, Width);
        return _ml.Data.LoadTable<FeatureRow>(_store.Features);
    }

    // ML.NET hands its own generator, of this type, to cursors.
    private static Random? Generator(int? seed) => seed is { } given ? new Random(given) : null;

    private static IEnumerable<(int Item, long Batch, ulong Id)> Walk(DataViewRowCursor cursor)
    {
        using (cursor)
        {
            var (item, id) = (cursor.GetGetter<int>(cursor.Schema["item"]), cursor.GetIdGetter());
            for (var position = 0L; cursor.MoveNext(); position++)
            {
                Assert.Equal(position, cursor.Position);
                var (value, row) = (0, default(DataViewRowId));
                item(ref value);
                id(ref row);
                yield return (value, cursor.Batch, row.Low);
            }
        }
    }
}
