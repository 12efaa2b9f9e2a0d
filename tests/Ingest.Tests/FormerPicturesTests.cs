using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest.Tests;

/// <summary>What is taken over of the pictures of the artifact before.</summary>
public sealed class FormerPicturesTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Of_a_damaged_artifact_the_pictures_that_lie_in_whole_files_are_taken_over()
    {
        await WriteAsync("a", "b", "c");
        await DamageAsync("images-00000.parquet"); // a and b
        var former = await FormerPictures.ReadAsync(Path.Combine(_folder.Path, "ingest"), Cancellation);
        Assert.Equal([false, false, true], new[] { "a", "b", "c" }.Select(item => former.Of(item) is not null));
        Assert.Equal("picture of c"u8.ToArray(), await former.BytesAsync(2, Hashing.OfBytes("picture of c"u8), Cancellation));
    }

    [Fact]
    public async Task Where_the_table_that_says_what_became_of_them_is_damaged_none_is()
    {
        await WriteAsync("a", "b", "c");
        await DamageAsync("pictures.parquet");
        var former = await FormerPictures.ReadAsync(Path.Combine(_folder.Path, "ingest"), Cancellation);
        Assert.All(new[] { "a", "b", "c" }, item => Assert.Null(former.Of(item)));
    }

    private async Task WriteAsync(params string[] items)
    {
        var writer = new ArtifactWriter(Path.Combine(_folder.Path, "ingest"), new Recipe("ingest", 1, [], []));
        var files = items.Select(item => System.Text.Encoding.UTF8.GetBytes($"picture of {item}")).ToList();
        await writer.WriteShardsAsync("images", items.Select((item, n) => new ImageRow(n, item, $"http://shop.test/{item}", Hashing.OfBytes(files[n]), 1, 1, files[n])).ToAsyncEnumerable(), 2, Cancellation);
        await writer.WriteTableAsync(
            items.Select((item, n) => new PictureRow(n, item, $"http://shop.test/{item}", PictureStatus.Ok, 200, null, files[n].Length, Hashing.OfBytes(files[n]), 1, 1, n)), Cancellation);
        await writer.CommitAsync(Cancellation);
    }

    private async Task DamageAsync(string name)
    {
        var path = Path.Combine(_folder.Path, "ingest", name);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        bytes[10] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        await Verification.JudgeAsync(Path.Combine(_folder.Path, "ingest"), "ingest", Cancellation);
    }
}
