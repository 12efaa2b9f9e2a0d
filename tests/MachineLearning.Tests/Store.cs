using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;

namespace LmmRec.MachineLearning.Tests;

/// <summary>A feature store and the items that it is of, whose visual vectors tell their category and whose encoder reads no text.</summary>
internal sealed class Store : IDisposable
{
    private const int Categories = 4, RowsPerShard = 10_000;

    private readonly TemporaryFolder _folder = new();

    /// <summary>Every seventh item has no picture.</summary>
    public const int WithoutPicture = 7;

    public string Ingest => Made("ingest");

    public string Features => Made("features");

    public void Dispose() => _folder.Dispose();

    public static string Category(int item) => $"category {item % Categories}";

    public async Task WriteAsync(int items, int width)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await TableFile.WriteAsync(TableFile.PathOf<ItemRow>(Ingest), Enumerable.Range(0, items).Select(item => new ItemRow(item, Id(item), $"Item {item}", null, ["all", Category(item)], null, null, "")), cancellation);
        foreach (var (shard, rows) in Rows(items, width).Chunk(RowsPerShard).Index())
            await TableFile.WriteAsync(Path.Combine(Features, TableFile.ShardName("features", shard)), rows, cancellation);
    }

    /// <summary>The rows of the store, the same ones each time.</summary>
    public static IEnumerable<FeatureRow> Rows(int items, int width)
    {
        var random = SeededRandom.For(7, "vectors");
        var centres = Enumerable.Range(0, Categories).Select(_ => Vector(width, () => (float)random.NextNormal())).ToArray();
        for (var item = 0; item < items; item++)
        {
            var centre = centres[item % Categories];
            var at = 0;
            yield return item % WithoutPicture == 0
                ? new FeatureRow(item, Id(item), null, FeatureStatus.Missing, null, FeatureStatus.None)
                : new FeatureRow(item, Id(item), Vector(width, () => centre[at++] + (float)random.NextNormal()), FeatureStatus.Ok, null, FeatureStatus.None);
        }
    }

    public static string Id(int item) => $"B{item:D6}";

    private static float[] Vector(int width, Func<float> value)
    {
        var vector = new float[width];
        for (var i = 0; i < width; i++) vector[i] = value();
        return vector;
    }

    private string Made(string name) => Directory.CreateDirectory(_folder.PathOf(name)).FullName;
}
