using LmmRec.Artifacts;
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
        Assert.Contains("shop/features/other: pulled, in the place of another version", to.Notes);
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

    private static (int, long, int, long) Figures(Transfer transfer) => (transfer.Objects, transfer.Bytes, transfer.ObjectsThere, transfer.BytesThere);
}
