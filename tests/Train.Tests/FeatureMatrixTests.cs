using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

public sealed class FeatureMatrixTests : IDisposable
{
    private static readonly string[] Items = ["a", "b", "c"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_vector_belongs_to_its_id_whatever_its_place_in_the_file()
    {
        await Write(Row("c", [5, 6]), Row("a", [1, 2]), Row("b", [3, 4]));
        var matrix = await Read(MissingPolicy.Mean);
        Assert.Equal([1, 2, 3, 4, 5, 6], matrix.Values);
        Assert.Equal((2, 0), (matrix.Width, matrix.Filled));
    }

    [Theory]
    [InlineData(MissingPolicy.Mean, new float[] { 1, 2, 2, 3, 3, 4 })]
    [InlineData(MissingPolicy.Zero, new float[] { 1, 2, 0, 0, 3, 4 })]
    public async Task An_item_without_a_vector_gets_what_the_policy_says_and_is_counted(MissingPolicy missing, float[] expected)
    {
        await Write(Row("a", [1, 2]), Row("b", null), Row("c", [3, 4]));
        var matrix = await Read(missing);
        Assert.Equal(expected, matrix.Values);
        Assert.Equal(1, matrix.Filled);
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

    private Task<FeatureMatrix> Read(MissingPolicy missing) =>
        FeatureMatrix.ReadAsync(_folder.Path, visual: true, Items, missing, TestContext.Current.CancellationToken);

    private async Task Fails(string text)
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Read(MissingPolicy.Mean));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }
}
