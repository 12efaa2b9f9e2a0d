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

    /// <summary>All of a workspace; artifacts without times are left out.</summary>
    public static IReadOnlyList<FinishedStep> Below(string workspace) => [.. Verification.ArtifactsBelow(workspace).Select(folder => Of(folder, workspace)).OfType<FinishedStep>()];

    /// <summary>The size of the data set in an ingest artifact; null: there is none.</summary>
    public static DatasetSize? SizeIn(string ingest) => Manifest.TryRead(ingest)?.Facts is { } facts && facts["users"] is { } users && facts["items"] is { } items && facts["interactions"] is JsonObject splits
        ? new DatasetSize((long)users, (long)items, splits.Sum(split => (long)split.Value!)) : null;

    private static FinishedStep? Of(string folder, string workspace)
    {
        var timings = Path.Combine(folder, Manifest.TimingsFileName);
        if (!File.Exists(timings) || Manifest.TryRead(folder) is not { } manifest || JsonNode.Parse(File.ReadAllBytes(timings)) is not JsonObject times || (double?)times["seconds"] is not { } seconds) return null;
        var dataset = Path.GetRelativePath(workspace, folder).Split(Path.DirectorySeparatorChar)[0];
        return new FinishedStep(manifest.Recipe.Step, manifest, seconds, (double?)times["peakMegabytes"] * (1 << 20), SizeIn(Path.Combine(workspace, dataset, "ingest")));
    }
}
