using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Matrices;
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

    /// <summary>Writes a matrix of float32 as NumPy does.</summary>
    public string Npy(string name, int rows, params float[] values) =>
        Npy(name, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {values.Length / rows}), }}", MemoryMarshal.AsBytes(values.AsSpan()));

    /// <summary>Writes a NumPy file of whatever header.</summary>
    public string Npy(string name, string header, ReadOnlySpan<byte> values, byte version = 1)
    {
        var text = Encoding.ASCII.GetBytes(header.PadRight(117) + "\n");
        var length = new byte[version == 1 ? 2 : 4];
        if (version == 1) BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        else BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)text.Length);
        System.IO.File.WriteAllBytes(In(name), [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. values]);
        return In(name);
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
        await RunAsync(new DatasetOptions { Source = DatasetSource.Mmrec, Name = name }, options, data, folder, [.. matrices.Select(matrix => new WantedMatrix(matrix))], progress);
        return progress.Notes;
    }

    public static Task<StepOutcome> TableAsync(DatasetOptions dataset, string data, string folder) =>
        RunAsync(dataset, new IngestOptions(), data, folder, [], new Quiet());

    public static Manifest Manifest(string folder) => Artifacts.Store.Manifest.Read(folder);

    public static async Task<StepOutcome> RunAsync(
        DatasetOptions dataset, IngestOptions options, string? data, string folder, IReadOnlyList<WantedMatrix> matrices, IProgressSink progress)
    {
        var step = IngestStage.Steps(dataset, options, data, folder, matrices, Shop).Single();
        return await new StepRunner(progress, TimeProvider.System, threads: 2, device: "cpu").RunAsync(step, TestContext.Current.CancellationToken);
    }
}
