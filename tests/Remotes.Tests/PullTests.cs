using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes.Tests;

/// <summary>What a pull does with what it finds, whatever the kind of remote.</summary>
public sealed class PullTests : IDisposable
{
    private const string Run = """{ "schemaVersion": SCHEMA, "id": "20261126T023000Z", "number": 1, "command": "COMMAND", "began": "2026-11-26T02:30:00+00:00", "state": "STATE" }""";

    private readonly TemporaryFolder _folder = new();

    private IRemote Folder => Remote.Open(_folder.PathOf("handoff"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../../evil", 3, null)]
    [InlineData("/etc/evil", 3, null)]
    [InlineData("a/../../../evil", 3, null)]
    [InlineData("a\\evil", 3, null)]
    [InlineData("manifest.json", 3, null)]
    [InlineData("timings.json", 3, null)]
    [InlineData("images.parquet", -1, null)]
    [InlineData("images.parquet", 3, "../../../evil")]
    public async Task A_manifest_whose_files_an_artifact_cannot_have_is_refused(string name, long bytes, string? sha256)
    {
        using var workspace = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Folder;
        await workspace.PushAsync(remote);
        sha256 ??= await ForgeAsync(remote, [1, 2, 3]);
        var files = new SortedDictionary<string, ManifestFile> { [name] = new ManifestFile(bytes, sha256) };
        await ReferAsync(remote, "shop/ingest", Manifest.Read(workspace.PathOf("shop/ingest")) with { Files = files, Content = Manifest.ContentOf(files) });
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => to.PullAsync(remote));
        Assert.Contains("which is no file that an artifact can have; push it again from where it is whole", fault.Message, StringComparison.Ordinal);
        Assert.Empty(to.Files());
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(to.Path)!, "evil"));
    }

    [Theory]
    [InlineData("evil")]
    [InlineData("kept/evil")]
    [InlineData("shop/ingest~writing")]
    [InlineData("shop/unknown/x")]
    public async Task A_place_where_no_artifact_lies_is_refused(string name)
    {
        using var workspace = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Folder;
        await workspace.PushAsync(remote);
        await ReferAsync(remote, name, Manifest.Read(workspace.PathOf("shop/ingest")));
        Assert.EndsWith("names no artifact that lmmrec makes; delete it there, or use the lmmrec that wrote it", (await Assert.ThrowsAsync<InvalidInputException>(() => to.PullAsync(remote))).Message, StringComparison.Ordinal);
        Assert.Empty(to.Files());
    }

    [Fact]
    public async Task What_a_newer_lmmrec_wrote_is_refused_with_words()
    {
        using var workspace = await Workspace.ShopAsync();
        await using var remote = Folder;
        await workspace.PushAsync(remote);
        await ReferAsync(remote, "shop/ingest", Manifest.Read(workspace.PathOf("shop/ingest")) with { SchemaVersion = Manifest.CurrentSchema + 1 });
        Assert.EndsWith($"was written by a newer lmmrec (schema version 2; this one knows 1); pull with that one", (await Assert.ThrowsAsync<InvalidInputException>(() => workspace.PullAsync(remote))).Message, StringComparison.Ordinal);
        await remote.WriteAsync("remote.json", OutgoingFile.Of("mark", Encoding.UTF8.GetBytes("""{ "lmmrecRemote": 2 }""")), _ => { }, TestContext.Current.CancellationToken);
        Assert.EndsWith("was written by a newer lmmrec (version 2 of the remote's form; this one knows 1); use that one", (await Assert.ThrowsAsync<InvalidInputException>(() => workspace.PushAsync(remote))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_newer_lmmrec_wrote_here_is_not_replaced()
    {
        using var from = await Workspace.ShopAsync();
        using var to = await Workspace.ShopAsync();
        await using var remote = Folder;
        await from.PushAsync(remote);
        var manifest = Manifest.Read(to.PathOf("shop/models/vbpr")) with { SchemaVersion = Manifest.CurrentSchema + 1 };
        await File.WriteAllBytesAsync(to.PathOf("shop/models/vbpr/manifest.json"), System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(manifest, Manifest.Json), TestContext.Current.CancellationToken);
        File.Delete(to.PathOf("shop/ingest/items.parquet"));
        var before = to.Files();
        Assert.Contains("was written by a newer lmmrec", (await Assert.ThrowsAsync<NewerVersionException>(() => to.PullAsync(remote))).Message, StringComparison.Ordinal);
        Assert.Equal(before, to.Files());
        Assert.Equal(2, (await to.PullAsync(remote, "features")).Artifacts - 1); // which needs none of it
    }

    [Fact]
    public async Task An_object_that_comes_otherwise_each_time_is_not_asked_for_without_end()
    {
        using var from = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var folder = Folder;
        await from.PushAsync(folder);
        var name = Layout.ObjectOf(Hashing.OfBytes(Workspace.Bytes(2, 400_000)));
        await using var changing = new ChangingRemote(folder, name);
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => to.PullAsync(changing));
        Assert.Equal($"{folder.Address}: {name} came 3 times and was never the file that its name says; look for what changes it on its way, such as a proxy, then run the same command again", fault.Message);
        await to.PullAsync(folder); // it was left there
        Assert.Equal(from.Files(), to.Files());
    }

    [Fact]
    public async Task A_file_that_another_artifact_here_has_is_copied_unless_it_is_damaged()
    {
        using var from = await Workspace.ShopAsync();
        await using var remote = Folder;
        await from.PushAsync(remote);
        foreach (var isDamaged in new[] { false, true })
        {
            using var to = new Workspace();
            await to.MakeAsync("other/ingest", [], ("pictures.parquet", Workspace.Bytes(2, 400_000)));
            if (isDamaged)
            {
                await using var file = File.Open(to.PathOf("other/ingest/pictures.parquet"), FileMode.Open);
                file.Position = 200_000;
                file.WriteByte((byte)~file.ReadByte());
            }
            var pulled = await to.PullAsync(remote, "ingest");
            Assert.Equal(isDamaged, pulled.Bytes > 400_000);
            Assert.Empty(await Verification.CheckAsync(to.PathOf("shop/ingest"), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_manifest_that_was_changed_by_hand_is_neither_pushed_nor_pulled_and_a_pull_heals_it()
    {
        using var workspace = await Workspace.ShopAsync();
        await using var remote = Folder;
        await workspace.PushAsync(remote);
        var manifest = Manifest.Read(workspace.PathOf("shop/ingest"));
        var changed = manifest with { Files = new(manifest.Files) { ["items.parquet"] = manifest.Files["items.parquet"] with { Bytes = 3000, Sha256 = Hashing.OfText("other") } } };
        await File.WriteAllBytesAsync(workspace.PathOf("shop/ingest/manifest.json"), System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(changed, Manifest.Json), TestContext.Current.CancellationToken);
        Assert.EndsWith("ingest/manifest.json: was changed, its content hash is not that of the files listed; delete the folder and run its stage again", (await Assert.ThrowsAsync<InvalidInputException>(() => workspace.PushAsync(remote))).Message, StringComparison.Ordinal);
        await workspace.PullAsync(remote);
        Assert.Empty(await Verification.CheckAsync(workspace.PathOf("shop/ingest"), TestContext.Current.CancellationToken));

        await ReferAsync(remote, "shop/ingest", changed);
        Assert.EndsWith("the manifest was changed, its content hash is not that of the files listed; push it again from where it is whole", (await Assert.ThrowsAsync<InvalidInputException>(() => workspace.PullAsync(remote))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_damaged_here_is_not_pushed()
    {
        using var workspace = await Workspace.ShopAsync();
        await using var remote = Folder;
        await File.WriteAllBytesAsync(workspace.PathOf("shop/features/clip/features-00000.parquet"), Workspace.Bytes(99, 70_000), TestContext.Current.CancellationToken);
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => workspace.PushAsync(remote));
        Assert.Equal($"{workspace.PathOf("shop/features/clip/features-00000.parquet")}: is not what its manifest says; where a run has just replaced it, push again, else 'lmmrec verify' says more", fault.Message);
        Assert.Empty(await remote.FilesAsync(Layout.Artifacts, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_artifact_of_which_files_are_missing_here_is_pulled_again_and_one_that_is_replaced_is_kept()
    {
        using var from = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Folder;
        await from.PushAsync(remote);
        await to.PullAsync(remote);
        File.Delete(to.PathOf("shop/ingest/items.parquet"));
        Assert.Equal(3000 + 20, (await to.PullAsync(remote)).Bytes); // and timings.json, which no manifest here lists
        Assert.Equal(["shop/ingest: pulled again, as files of it were missing or cut off"], to.Notes);

        await to.MakeAsync("shop/models/vbpr", [], ("users.parquet", Workspace.Bytes(77, 900)));
        var own = Manifest.IdOf(to.PathOf("shop/models/vbpr"))!;
        Assert.True((await to.PullAsync(remote)).Objects > 0);
        Assert.Equal(own, Manifest.IdOf(to.PathOf($"kept/{own}")));
        Assert.Equal(Manifest.IdOf(from.PathOf("shop/models/vbpr")), Manifest.IdOf(to.PathOf("shop/models/vbpr")));
    }

    [Fact]
    public async Task Records_of_runs_that_have_ended_and_tags_come_along()
    {
        using var from = await Workspace.ShopAsync();
        using var to = new Workspace();
        await using var remote = Folder;
        var record = Run.Replace("SCHEMA", "1", StringComparison.Ordinal).Replace("STATE", "ended", StringComparison.Ordinal).Replace("COMMAND", "run", StringComparison.Ordinal);
        Write(from, "runs/20261126T023000Z.json", record);
        Write(from, "runs/latest.json", record);
        Write(from, "runs/20261126T023000Z-2.json", record.Replace("ended", "running", StringComparison.Ordinal));
        Write(from, "runs/tags/best", "20261126T023000Z");
        await from.PushAsync(remote);
        await to.PullAsync(remote);
        Assert.Equal(["runs/20261126T023000Z.json", "runs/tags/best"], to.Files().Keys.Where(name => name.StartsWith("runs", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        // Where another run began in the same second, each side keeps its own; a tag moves.
        Write(to, "runs/20261126T023000Z.json", record.Replace("\"run\"", "\"train\"", StringComparison.Ordinal));
        Write(to, "runs/tags/best", "20261125T023000Z");
        await to.PushAsync(remote);
        Assert.Contains("runs/tags/best: named another run in " + remote.Address + "; it was moved", to.Notes);
        await from.PullAsync(remote);
        Assert.Equal("20261125T023000Z", await File.ReadAllTextAsync(from.PathOf("runs/tags/best"), TestContext.Current.CancellationToken));
        Assert.Equal(record, await File.ReadAllTextAsync(from.PathOf("runs/20261126T023000Z.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_record_that_would_stop_the_runs_here_is_left_where_it_is()
    {
        using var workspace = await Workspace.ShopAsync();
        await using var remote = Folder;
        await workspace.PushAsync(remote);
        var newer = Run.Replace("SCHEMA", "2", StringComparison.Ordinal).Replace("STATE", "ended", StringComparison.Ordinal).Replace("COMMAND", "run", StringComparison.Ordinal);
        await remote.WriteAsync("runs/20261126T023000Z.json", OutgoingFile.Of("newer", Encoding.UTF8.GetBytes(newer)), _ => { }, TestContext.Current.CancellationToken);
        await remote.WriteAsync("runs/tags/evil", OutgoingFile.Of("tag", "../../x"u8.ToArray()), _ => { }, TestContext.Current.CancellationToken);
        await workspace.PullAsync(remote);
        Assert.Equal(2, workspace.Notes.Count(note => note.EndsWith("is left there, since it is no tag or record of a run that has ended, or was written by a newer lmmrec", StringComparison.Ordinal)));
        Assert.DoesNotContain(workspace.Files().Keys, name => name.StartsWith("runs", StringComparison.Ordinal));
    }

    private static void Write(Workspace workspace, string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(workspace.PathOf(name))!);
        File.WriteAllText(workspace.PathOf(name), text);
    }

    private static async Task<string> ForgeAsync(IRemote remote, byte[] content)
    {
        var file = OutgoingFile.Of("forged", content);
        await remote.WriteAsync(Layout.ObjectOf(file.Sha256), file, _ => { }, TestContext.Current.CancellationToken);
        return file.Sha256;
    }

    private static async Task ReferAsync(IRemote remote, string name, Manifest manifest)
    {
        var id = await ForgeAsync(remote, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(manifest, Manifest.Json));
        await remote.WriteAsync(Layout.ReferenceOf(name), Layout.ToFile(name, new ArtifactReference(id, [])), _ => { }, TestContext.Current.CancellationToken);
    }
}
