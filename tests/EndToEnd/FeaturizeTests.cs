using System.Diagnostics;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;

namespace LmmRec.EndToEnd;

/// <summary>The featurize command: killed, in parts, on a disk that fills up, and on real photos of which some change.</summary>
public sealed class FeaturizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_killed_run_goes_on_with_the_vectors_that_it_had_and_gives_the_same_bytes()
    {
        (await Run("ingest")).Expect(0);
        using (var killed = Lmmrec.Start(_folder.Path, "featurize", "--threads", "1"))
        {
            await killed.WaitForAsync(() => Journals().Any(path => new FileInfo(path).Length > 0));
            killed.Kill();
            await killed.EndAsync();
        }
        Assert.False(Directory.Exists(Store));
        var next = (await Run("featurize")).Expect(0);
        Assert.Contains("featurize/clip-small: runs (goes on after ", next.Error, StringComparison.Ordinal);
        await AssertIsThatOfAFullRunAsync();

        IEnumerable<string> Journals() => Directory.Exists(Features) ? Directory.EnumerateFiles(Features, "*.jsonl", SearchOption.AllDirectories) : [];
    }

    [Fact]
    public async Task Parts_run_at_the_same_time_in_processes_of_their_own_and_are_put_together()
    {
        (await Run("ingest")).Expect(0);
        var parts = await Task.WhenAll(Enumerable.Range(1, 3).Select(number => Run("featurize", "--shard", $"{number}/3")));
        Assert.All(parts, part => part.Expect(0));
        Assert.Contains("features/clip-small~unfinished/parts/2-of-3", (await Run("verify")).Expect(0).Output, StringComparison.Ordinal);
        (await Run("featurize", "--merge")).Expect(0);
        await AssertIsThatOfAFullRunAsync();
    }

    [Fact]
    public async Task Of_a_thousand_photos_and_titles_only_the_ten_that_changed_are_encoded_again()
    {
        FashionShop.Open(_folder);
        await RunShopAsync("nightly");
        var lines = await File.ReadAllLinesAsync(_folder.PathOf("styles.csv"), TestContext.Current.CancellationToken);
        for (var line = 10; line < 15; line++) lines[line] += " (new)";
        await File.WriteAllLinesAsync(_folder.PathOf("styles.csv"), lines, TestContext.Current.CancellationToken);
        foreach (var photo in Directory.EnumerateFiles(_folder.PathOf("images")).Order(StringComparer.Ordinal).Take(5))
            await File.AppendAllBytesAsync(photo, new byte[1], TestContext.Current.CancellationToken); // behind the picture's end
        await RunShopAsync("nightly");
        await RunShopAsync("full");
        Assert.Equal(Bytes("full/own-shop/features/clip-small"), Bytes("nightly/own-shop/features/clip-small"));
        Assert.Equal(10, (int)JsonNode.Parse(await File.ReadAllTextAsync(_folder.PathOf("nightly/own-shop/features/clip-small/timings.json"), TestContext.Current.CancellationToken))!["encoded"]!);

        async Task RunShopAsync(string workspace)
        {
            foreach (var stage in new[] { "ingest", "featurize" })
                (await Run(stage, "--config", Path.Combine(Beside.Checkout, "examples", "own-shop.json"), "--workspace", workspace)).Expect(0);
        }
    }

    [Fact]
    public async Task A_part_keeps_others_from_the_features_but_not_from_other_parts_and_stages()
    {
        (await Run("ingest")).Expect(0);
        await using var part = await StageLock.TakeAsync(
            _folder.PathOf("artifacts"), ["sample/features/1-of-2"], "a test", IfLocked.Fail, _ => { }, TimeProvider.System, TestContext.Current.CancellationToken);
        (await Run("featurize", "--shard", "2/2")).Expect(0);
        (await Run("ingest")).Expect(0);
        foreach (var other in new[] { new[] { "featurize", "--shard", "1/2" }, ["featurize"], ["run"] })
            Assert.Contains("is in use by", (await Run(other)).Expect(5).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_full_is_said_and_the_run_goes_on_once_there_is_room()
    {
        (await Run("ingest")).Expect(0);
        Directory.CreateDirectory(Features);
        if (!await MountAsync("-t", "tmpfs", "-o", "size=200k", "tmpfs", Features)) Assert.Skip("this user may not mount a small disk");
        try
        {
            var full = (await Run("featurize")).Expect(1);
            Assert.Contains("cannot read or write: No space left on device", full.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Store));
            Assert.True(await MountAsync("-o", "remount,size=20m", Features));
            Assert.Contains("goes on after ", (await Run("featurize")).Expect(0).Error, StringComparison.Ordinal);
            await AssertIsThatOfAFullRunAsync();
        }
        finally
        {
            await Process.Start("umount", [Features]).WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        static async Task<bool> MountAsync(params string[] arguments)
        {
            using var mount = Process.Start(new ProcessStartInfo("mount", arguments) { RedirectStandardError = true })!;
            await mount.WaitForExitAsync(TestContext.Current.CancellationToken);
            return mount.ExitCode == 0;
        }
    }

    private string Features => _folder.PathOf("artifacts/sample/features");

    private string Store => Path.Combine(Features, "clip-small");

    private Task<Ended> Run(params string[] arguments) => Lmmrec.RunAsync(_folder.Path, arguments);

    private async Task AssertIsThatOfAFullRunAsync()
    {
        (await Run("ingest", "--workspace", "full")).Expect(0);
        (await Run("featurize", "--workspace", "full")).Expect(0);
        Assert.Equal(Bytes("full/sample/features/clip-small"), Bytes("artifacts/sample/features/clip-small"));
        Assert.Single(Directory.EnumerateFileSystemEntries(Features));
    }

    // The manifest's too.
    private IEnumerable<(string, string)> Bytes(string store) => Directory.EnumerateFiles(_folder.PathOf(store)).Where(path => Path.GetFileName(path) != Manifest.TimingsFileName)
        .Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), Hashing.OfBytes(File.ReadAllBytes(path))));
}
