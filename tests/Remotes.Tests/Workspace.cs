using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes.Tests;

/// <summary>A workspace of small artifacts that were made from each other.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Silence _said = new();

    public string Path => _folder.Path;

    /// <summary>What the last push or pull said.</summary>
    public IReadOnlyList<string> Notes => _said.Notes;

    /// <summary>A workspace with a catalogue, features of it, a model and a report.</summary>
    public static async Task<Workspace> ShopAsync()
    {
        var workspace = new Workspace();
        var ingest = await workspace.MakeAsync("shop/ingest", [], ("items.parquet", Bytes(1, 3000)), ("images-00000.parquet", Bytes(2, 400_000)));
        var features = await workspace.MakeAsync("shop/features/clip", new() { ["ingest"] = ingest }, ("features-00000.parquet", Bytes(3, 70_000)));
        await workspace.MakeAsync("shop/features/other", new() { ["ingest"] = ingest }, ("features-00000.parquet", Bytes(4, 100)));
        var model = await workspace.MakeAsync("shop/models/vbpr", new() { ["ingest"] = ingest, ["features"] = features }, ("users.parquet", Bytes(5, 900)), ("encoder/clip/model.onnx", Bytes(6, 5000)));
        await workspace.MakeAsync("report", new() { ["shop"] = model }, ("metrics.csv", []), ("index.html", Bytes(7, 20)));
        return workspace;
    }

    /// <summary>Bytes that are drawn.</summary>
    public static byte[] Bytes(long seed, int count)
    {
        var random = new SeededRandom(seed);
        var bytes = new byte[count];
        for (var i = 0; i < count; i++) bytes[i] = (byte)random.NextInt32(256);
        return bytes;
    }

    /// <summary>Makes an artifact; of an ingest it reads the table of the items alone.</summary>
    public async Task<Manifest> MakeAsync(string name, Dictionary<string, Manifest> inputs, params (string Name, byte[] Content)[] files)
    {
        var reads = new SortedDictionary<string, IReadOnlyList<string>> { ["ingest"] = ["items"] };
        var contents = inputs.ToDictionary(input => input.Key, input => input.Value.ContentOf(reads.GetValueOrDefault(input.Key)));
        var writer = new ArtifactWriter(PathOf(name), new Recipe(name, 1, new JsonObject { ["seed"] = 3 }, new SortedDictionary<string, string>(contents)) { Reads = reads });
        foreach (var (file, content) in files) await File.WriteAllBytesAsync(writer.PathFor(file), content);
        writer.Timings["seconds"] = 1.5;
        return await writer.CommitAsync(TestContext.Current.CancellationToken);
    }

    public string PathOf(string name) => _folder.PathOf(name);

    public Task<Transfer> PushAsync(IRemote remote) => Push.RunAsync(Path, remote, _said = new Silence(), TestContext.Current.CancellationToken);

    public async Task<Transfer> PullAsync(IRemote remote, string? kind = null) =>
        await (await Pull.PlanAsync(Path, remote, kind, TestContext.Current.CancellationToken)).RunAsync(_said = new Silence(), () => { }, TestContext.Current.CancellationToken);

    /// <summary>Every file of the artifacts and their content's hash.</summary>
    public IReadOnlyDictionary<string, string> Files() => Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
        .ToDictionary(path => System.IO.Path.GetRelativePath(Path, path), path => Hashing.OfBytes(File.ReadAllBytes(path)));

    public void Dispose() => _folder.Dispose();
}
