using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes.Tests;

/// <summary>What holds of every kind of remote.</summary>
public abstract class RemoteContract
{
    /// <summary>Opens an address of the kind that nobody used before; each call gives another end of the same one.</summary>
    protected abstract IRemote Open();

    [Fact]
    public async Task What_was_pushed_and_pulled_is_the_same_in_every_byte()
    {
        using var from = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Open();
        var pushed = await from.PushAsync(remote);
        var pulled = await to.PullAsync(remote);
        Assert.Equal(5, pushed.Artifacts);
        Assert.Equal(5, pulled.Artifacts);
        Assert.Equal(from.Files(), to.Files());
    }

    [Fact]
    public async Task Only_what_is_missing_travels()
    {
        using var from = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Open();
        var first = await from.PushAsync(remote);
        Assert.Equal((0, 0L, first.Objects, first.Bytes), Figures(await from.PushAsync(remote)));
        await to.PullAsync(remote);
        Assert.Equal((0, 0L), (await to.PullAsync(remote)) is var again ? (again.Objects, again.Bytes) : default);

        // A changed artifact brings its new files, its manifest and its timings; the file that is as it was stays where it is.
        await from.MakeAsync("shop/features/other", [], ("features-00000.parquet", Workspace.Bytes(4, 100)), ("more.parquet", Workspace.Bytes(8, 50)));
        Assert.Equal(2, (await from.PushAsync(remote)).Objects);
        var pulled = await to.PullAsync(remote);
        Assert.Equal((2, 50L + 20), (pulled.Objects, pulled.Bytes)); // the new file, and timings.json, which no manifest here lists
        Assert.Contains("shop/features/other: pulled, in the place of another version, which is kept", to.Notes);
        Assert.Equal(from.Files(), to.Files().Where(file => !file.Key.StartsWith("kept", StringComparison.Ordinal)).ToDictionary());
    }

    [Fact]
    public async Task A_stage_is_pulled_with_what_it_was_made_from_and_nothing_else()
    {
        using var from = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Open();
        await from.PushAsync(remote);
        Assert.Equal(3, (await to.PullAsync(remote, "models")).Artifacts);
        Assert.Equal(["shop/features/clip", "shop/ingest", "shop/models/vbpr"], Verification.ArtifactsBelow(to.Path).Select(folder => Path.GetRelativePath(to.Path, folder)));
        var none = await Assert.ThrowsAsync<InvalidInputException>(() => to.PullAsync(remote, "comparison"));
        Assert.EndsWith("holds no comparison; it holds: ingest, features, models, report", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_file_goes_on_where_it_stopped()
    {
        await using var remote = Open();
        var content = Workspace.Bytes(11, 1_500_000);
        var file = OutgoingFile.Of("large", content);
        var (first, second) = (0L, 0L);
        await Assert.ThrowsAsync<OperationCanceledException>(() => remote.WriteAsync("objects/large", file, bytes =>
        {
            first += bytes;
            if (first > 600_000) throw new OperationCanceledException();
        }, Cancellation));
        Assert.Null(await remote.ReadAsync("objects/large", 0, Cancellation)); // nothing looks whole before it is
        Assert.Empty(await remote.FilesAsync("", Cancellation));

        await remote.WriteAsync("objects/large", file, bytes => second += bytes, Cancellation);
        Assert.Equal(content.Length, first + second);
        Assert.Equal(content, await remote.TryReadAllAsync("objects/large", Cancellation));
        await using var rest = await remote.ReadAsync("objects/large", 1_499_990, Cancellation);
        var end = new byte[20];
        Assert.Equal(10, await rest!.ReadAtLeastAsync(end, 20, throwOnEndOfStream: false, Cancellation));
        Assert.Equal(content[^10..], end[..10]);
    }

    [Fact]
    public async Task A_pull_goes_on_where_the_last_one_stopped()
    {
        using var from = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Open();
        await from.PushAsync(remote);
        var all = new DirectoryInfo(from.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

        // The remote goes away after some of the pictures have come.
        await using var breaking = new BreakingRemote(Open(), 200_000);
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => to.PullAsync(breaking));
        Assert.EndsWith("What has arrived stays, and the same command goes on after it", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Verification.ArtifactsBelow(to.Path));
        var pulled = await to.PullAsync(remote);
        Assert.InRange(pulled.Bytes, 1, all - breaking.Read);
        Assert.Equal(from.Files(), to.Files());
    }

    [Fact]
    public async Task A_damaged_object_is_named_and_taken_away_so_that_a_push_heals_it()
    {
        using var from = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Open();
        await from.PushAsync(remote);
        var content = Workspace.Bytes(3, 70_000);
        var name = Layout.ObjectOf(Hashing.OfBytes(content));
        content[4711] ^= 1;
        await remote.WriteAsync(name, OutgoingFile.Of("damage", content), _ => { }, Cancellation);

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => to.PullAsync(remote));
        Assert.Equal($"{remote.Address}: {name} is damaged: its content has the SHA-256 {Hashing.OfBytes(content)}; it was deleted there: push again from where it is whole, then run the same command again", fault.Message);
        Assert.Equal(["shop/ingest"], Verification.ArtifactsBelow(to.Path).Select(folder => Path.GetRelativePath(to.Path, folder)));
        Assert.Equal(1, (await from.PushAsync(remote)).Objects);
        await to.PullAsync(remote);
        Assert.Equal(from.Files(), to.Files());
    }

    [Fact]
    public async Task An_object_that_was_cut_off_is_sent_again()
    {
        using var from = await Workspace.ShopAsync();
        await using var remote = Open();
        await from.PushAsync(remote);
        var content = Workspace.Bytes(3, 70_000);
        var name = Layout.ObjectOf(Hashing.OfBytes(content));
        await remote.WriteAsync(name, OutgoingFile.Of("damage", content[..1000]), _ => { }, Cancellation);
        Assert.Equal((1, 70_000L), (await from.PushAsync(remote)) is var again ? (again.Objects, again.Bytes) : default);
        Assert.Equal([$"{name}: is damaged at {remote.Address}, where it has 1000 bytes instead of 70000; sent again"], from.Notes);
    }

    [Fact]
    public async Task Several_machines_push_at_once()
    {
        using var one = await Workspace.ShopAsync();
        using var two = await Workspace.ShopAsync();
        using var to = new Workspace();
        await two.MakeAsync("shop/evaluation/vbpr", [], ("metrics.parquet", Workspace.Bytes(21, 300_000)));
        await using var first = Open();
        await using var second = Open();
        await Task.WhenAll(one.PushAsync(first), two.PushAsync(second));
        await to.PullAsync(first);
        Assert.Equal(two.Files(), to.Files());
    }

    [Fact]
    public async Task What_is_not_ours_is_left_alone()
    {
        using var workspace = await Workspace.ShopAsync();
        await using var remote = Open();
        Assert.EndsWith("is no remote of lmmrec (remote.json is not there); look the address over, or push to it first", (await Assert.ThrowsAsync<InvalidInputException>(() => workspace.PullAsync(remote))).Message, StringComparison.Ordinal);
        await remote.WriteAsync("photos/cat.jpg", OutgoingFile.Of("a picture", [1, 2, 3]), _ => { }, Cancellation);
        Assert.Contains("holds other things, such as photos/cat.jpg, and is no remote of lmmrec", (await Assert.ThrowsAsync<InvalidInputException>(() => workspace.PushAsync(remote))).Message, StringComparison.Ordinal);
        Assert.Single(await remote.FilesAsync("", Cancellation));
    }

    [Fact]
    public async Task Memory_does_not_grow_with_a_files_size()
    {
        const int Large = 96 << 20, Bound = 32 << 20; // bytes
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("large");
        await using (var file = File.Create(path))
            for (var block = 0; block < Large >> 20; block++) await file.WriteAsync(Enumerable.Repeat((byte)block, 1 << 20).ToArray(), Cancellation);
        var sha256 = await Hashing.OfFileAsync(path, Cancellation);
        await using var remote = Open();
        var (before, most, calls) = (GC.GetTotalMemory(forceFullCollection: true), 0L, 0);
        await remote.WriteAsync(Layout.ObjectOf(sha256), new OutgoingFile("large", sha256, Large, () => File.OpenRead(path)), _ => Look(), Cancellation);
        var tally = new Tally(new Watch(Look));
        await new Fetching(remote, [], tally).BringAsync(sha256, Large, folder.PathOf("fetched"), ["large"], Cancellation);
        Assert.Equal(Large, tally.Of(0).Bytes);
        Assert.InRange(most, 0, Bound);
        Assert.Equal(sha256, await Hashing.OfFileAsync(folder.PathOf("fetched/large"), Cancellation));

        void Look()
        {
            if (calls++ % 64 == 0) most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before); // now and then: a collection takes its time
        }
    }

    /// <summary>Ends the test that hangs.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static (int, long, int, long) Figures(Transfer transfer) => (transfer.Objects, transfer.Bytes, transfer.ObjectsThere, transfer.BytesThere);

    private sealed class Watch(Action look) : IProgressTask
    {
        public void Advance(long units) => look();

        public void Describe(string detail) => look();

        public void Dispose() => look();
    }
}
