using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Cli.Estimates;

/// <summary>What is remembered of a step that ran in this workspace.</summary>
/// <param name="Name">the step</param>
/// <param name="Manifest">its artifact's</param>
/// <param name="Seconds">that it took</param>
/// <param name="Memory">bytes that the process had held when it ended</param>
/// <param name="Size">of its data set</param>
internal sealed record FinishedStep(string Name, Manifest Manifest, double Seconds, double? Memory, DatasetSize? Size)
{
    /// <summary>Bytes of its artifact.</summary>
    public double Disk => Manifest.Files.Values.Sum(file => (double)file.Bytes);

    /// <summary>All of a workspace; artifacts without times, or of another lmmrec's form, are left out.</summary>
    public static IReadOnlyList<FinishedStep> Below(string workspace) => [.. Verification.ArtifactsBelow(workspace).Select(folder => Of(folder, workspace)).OfType<FinishedStep>()];

    /// <summary>The ingest artifact of the data set that a step's folder belongs to.</summary>
    public static string IngestOf(string folder, string workspace) => Path.Combine(workspace, Path.GetRelativePath(workspace, folder).Split(Path.DirectorySeparatorChar)[0], "ingest");

    /// <summary>The size of the data set in an ingest artifact; null: there is none, or it is another lmmrec's.</summary>
    public static DatasetSize? SizeIn(string ingest) => TryRead(ingest)?.Facts is { } facts && Number(facts["users"]) is { } users && Number(facts["items"]) is { } items && facts["interactions"] is JsonObject splits
        ? new DatasetSize((long)users, (long)items, (long)splits.Sum(split => Number(split.Value) ?? 0)) : null;

    /// <summary>A number of a manifest; null: there is none, as an older lmmrec may not have written it.</summary>
    public static double? Number(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number ? double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture) : null;

    private static FinishedStep? Of(string folder, string workspace)
    {
        var timings = Timings.Of(folder);
        return timings.Seconds is { } seconds && TryRead(folder) is { } manifest
            ? new FinishedStep(manifest.Recipe.Step, manifest, seconds, timings.PeakMegabytes * (1 << 20), SizeIn(IngestOf(folder, workspace))) : null;
    }

    private static Manifest? TryRead(string folder) => Manifest.IfReadable(folder) is { SchemaVersion: Manifest.CurrentSchema } manifest ? manifest : null;
}
