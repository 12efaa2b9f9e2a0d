using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

public sealed class FeatureRowsTests : IDisposable
{
    private static readonly string[] Items = ["a", "b", "c"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_vector_belongs_to_its_id_whatever_its_place_in_the_file()
    {
        await Write(Row("c", [5, 6]), Row("a", [1, 2]), Row("b", [3, 4]));
        var rows = await Read();
        Assert.Equal([1, 2, 3, 4, 5, 6], rows.WithZeros().Values);
        Assert.Equal((2, 0), (rows.Width, rows.Missing));
    }

    [Fact]
    public async Task An_item_without_a_vector_gets_zeros_or_the_mean_or_is_left_out_and_is_counted()
    {
        await Write(Row("a", [1, 2]), Row("b", null), Row("c", [3, 4]));
        var (zeros, means, left) = ((await Read()).WithZeros(), (await Read()).WithMeans(), (await Read()).Only([false, false, true]));
        Assert.Equal([1, 2, 0, 0, 3, 4], zeros.Values);
        Assert.Equal([1, 2, 2, 3, 3, 4], means.Values);
        Assert.Equal([3, 4], left.Values);
        Assert.Equal(1, (await Read()).Missing);
    }

    [Fact]
    public async Task Features_that_do_not_fit_are_refused_with_the_item_named()
    {
        await Write(Row("a", [1, 2]), Row("x", [1, 2]));
        await Fails("'x'");
        await Write(Row("a", [1, 2]), Row("b", [1]));
        await Fails("'b'");
        await Write(Row("a", [1, float.NaN]));
        await Fails("'a'");
        await Write(Row("a", null));
        await Fails("no item has a visual vector");
    }

    private static FeatureRow Row(string id, float[]? visual) => new(0, id, visual, visual is null ? FeatureStatus.Missing : FeatureStatus.Ok, null, FeatureStatus.None);

    private async Task Write(params FeatureRow[] rows) =>
        await TableFile.WriteAsync(_folder.PathOf(TableFile.ShardName("features", 0)), rows, TestContext.Current.CancellationToken);

    private Task<FeatureRows> Read() => FeatureRows.ReadAsync(_folder.Path, visual: true, Items, TestContext.Current.CancellationToken);

    private async Task Fails(string text)
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(Read);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }
}
