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

/// <summary>Shows nothing and keeps the notes; <paramref name="advanced"/> is told the task that came a step further.</summary>
internal sealed class Quiet(Action<string>? advanced = null) : IProgressSink
{
    public List<string> Notes { get; } = [];

    public IProgressTask Start(string what, long? total) => new Unseen(() => advanced?.Invoke(what));

    public void Note(string line) => Notes.Add(line);

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
    /// <summary>An MMRec folder as it is.</summary>
    public static readonly IngestOptions Given = new() { Core = 1, Split = new SplitOptions { Kind = SplitKind.Given } };

    /// <summary>Its interactions, parted here.</summary>
    public static readonly IngestOptions Drawn = new() { Core = 1 };

    public static readonly EmbeddedShop Shop = new(SampleShop.Category, SampleShop.Version, async (seed, cancellation) =>
    {
        var shop = await SampleShop.StartAsync(seed, port: 0, cancellation);
        return new OpenShop(shop.Endpoint, shop);
    });

    public static Task<StepOutcome> SampleAsync(string folder, IngestOptions? options = null) =>
        RunAsync(new DatasetOptions(), options ?? new IngestOptions(), null, folder, [], new Quiet());

    public static async Task<IReadOnlyList<string>> FolderAsync(string data, string name, string folder, IngestOptions options, params string[] matrices)
    {
        var progress = new Quiet();
        await RunAsync(new DatasetOptions { Source = DatasetSource.Mmrec, Name = name }, options, data, folder, matrices, progress);
        return progress.Notes;
    }

    public static Task<StepOutcome> TableAsync(DatasetOptions dataset, string data, string folder) =>
        RunAsync(dataset, new IngestOptions(), data, folder, [], new Quiet());

    public static Manifest Manifest(string folder) => Artifacts.Store.Manifest.Read(folder);

    public static async Task<StepOutcome> RunAsync(
        DatasetOptions dataset, IngestOptions options, string? data, string folder, IReadOnlyList<string> matrices, IProgressSink progress)
    {
        var step = IngestStage.Steps(dataset, options, data, folder, matrices, Shop).Single();
        return await new StepRunner(progress, TimeProvider.System, threads: 2, device: "cpu").RunAsync(step, TestContext.Current.CancellationToken);
    }
}
