using System.Runtime.InteropServices;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Ingest.Matrices;

namespace LmmRec.Ingest.Tests;

public sealed class AmazonVectorsTests : IDisposable
{
    private const int Values = 4096;

    private readonly TemporaryFolder _folder = new();
    private readonly IngestLog _log = new(new Quiet());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Items_get_their_own_rows_in_their_own_order_and_those_without_a_record_none()
    {
        using var features = await OpenAsync([.. Record("B000000009", 9), .. Record("B000000002", 2), .. Record("B000000001", 1), .. Record("B000000002", 22)], "B000000001", "B000000002", "B000000003");
        Assert.Equal((Values, 2, 1, 1), (features.Columns, features.Items, features.OfNoItem, features.Repeated));
        Assert.Equal([(0, 1f, 4096f), (1, 2f, 4097f)], features.ReadRows().Select(r => (r.Item, r.Vector[0], r.Vector[^1])));
        Assert.Equal(0, _log.FailureCount);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(16_393)]
    public async Task A_record_that_breaks_off_at_the_end_is_a_failure(int left)
    {
        using var features = await OpenAsync([.. Record("B000000001", 1), .. Record("B000000002", 2)[..left]], "B000000001", "B000000002");
        Assert.Equal([0], features.ReadRows().Select(r => r.Item));
        var failure = Assert.Single(_log.Failures);
        Assert.Equal(("image_features_Toys.b, record 1", $"breaks off after {left} of 16394 bytes; is the file whole?"), (failure.Id, failure.Reason));
    }

    [Fact]
    public async Task A_file_of_another_category_is_refused()
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => OpenAsync(Record("B000000001", 1), "B000000003"));
        Assert.Equal($"{_folder.In("image_features_Toys.b")}: has a row for none of the 1 items; the first in it is 'B000000001', of the items 'B000000003'; is it of these data?", error.Message);
    }

    [Fact]
    public async Task A_value_that_is_no_number_is_named_with_its_record()
    {
        using var features = await OpenAsync([.. Record("B000000002", 2), .. Record("B000000001", float.NaN)], "B000000001");
        var error = Assert.Throws<InvalidInputException>(() => features.ReadRows().Count());
        Assert.StartsWith($"{_folder.In("image_features_Toys.b")}: record 1, value 0 (0-based) is NaN", error.Message, StringComparison.Ordinal);
    }

    private Task<FeatureMatrix> OpenAsync(byte[] content, params string[] items)
    {
        var path = _folder.In("image_features_Toys.b");
        File.WriteAllBytes(path, content);
        return FeatureMatrix.OpenAsync(new MatrixFile("cnn", "image_features_Toys.b", path), null, items, _log, _folder.In("scratch"), TestContext.Current.CancellationToken);
    }

    private static byte[] Record(string id, float first) =>
        [.. Encoding.ASCII.GetBytes(id), .. MemoryMarshal.AsBytes<float>(Enumerable.Range(0, Values).Select(i => first + i).ToArray())];
}
