using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Sample;

namespace LmmRec.Ingest.Tests;

/// <summary>A folder that lives as long as its test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lmmrec-ingest-").FullName;

    public string File(string name, string content)
    {
        var path = In(name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Data that lie beside the checkout; a test that needs them says so where they do not.</summary>
internal static class SharedData
{
    public static string Folder(string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Pipeline.sln"))) root = root.Parent;
        var folder = root is null ? name : Path.Combine(root.FullName, "..", "shared", "data", name);
        Assert.SkipUnless(Directory.Exists(folder), $"../shared/data/{name} does not lie beside this checkout");
        return Path.GetFullPath(folder);
    }
}

/// <summary>Shows nothing; <paramref name="advanced"/> is told the task that came a step further.</summary>
internal sealed class Quiet(Action<string>? advanced = null) : IProgressSink
{
    public IProgressTask Start(string what, long? total) => new Unseen(() => advanced?.Invoke(what));

    public void Note(string line)
    {
    }

    private sealed class Unseen(Action advanced) : IProgressTask
    {
        public void Advance(long units) => advanced();

        public void Describe(string detail)
        {
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>Runs the stage as the command does.</summary>
internal static class Stage
{
    public static readonly EmbeddedShop Shop = new(SampleShop.Category, SampleShop.Version, async (seed, cancellation) =>
    {
        var shop = await SampleShop.StartAsync(seed, port: 0, cancellation);
        return new OpenShop(shop.Endpoint, shop);
    });

    public static Task<StepOutcome> SampleAsync(string folder, IngestOptions? options = null) =>
        RunAsync(new DatasetOptions(), options ?? new IngestOptions(), null, folder);

    public static Task<StepOutcome> FolderAsync(string data, string name, string folder, SplitKind split = SplitKind.Given) =>
        RunAsync(new DatasetOptions { Source = DatasetSource.Mmrec, Name = name }, new IngestOptions { Split = new SplitOptions { Kind = split } }, data, folder);

    public static Manifest Manifest(string folder) => Artifacts.Store.Manifest.Read(folder);

    public static async Task<StepOutcome> RunAsync(DatasetOptions dataset, IngestOptions options, string? data, string folder)
    {
        var step = IngestStage.Steps(dataset, options, data, folder, Shop).Single();
        return await new StepRunner(new Quiet(), TimeProvider.System, threads: 2, device: "cpu").RunAsync(step, TestContext.Current.CancellationToken);
    }
}
