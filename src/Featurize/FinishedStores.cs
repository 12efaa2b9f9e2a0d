using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Graphs;

namespace LmmRec.Featurize;

/// <summary>
/// Finished stores whose vectors need not be made again: the artifact of the run before, and the parts that other processes made. Which items they are of
/// does not matter, as a vector belongs to the hash of what it was made from; which encoder made them does, with its options, device and runtime.
/// </summary>
internal static class FinishedStores
{
    /// <summary>What runs encoders here: other versions and other processors round differently.</summary>
    public static IReadOnlyDictionary<string, string> Runtime { get; } =
        new Dictionary<string, string> { ["onnxruntime"] = RuntimeOptions.Version, ["instructions"] = RuntimeOptions.Instructions };

    /// <summary>The parts that lie beside the artifact <paramref name="folder"/>.</summary>
    public static IReadOnlyList<string> PartsOf(string folder) => ArtifactWriter.PartsOf(folder) is var parts && Directory.Exists(parts)
        ? [.. Directory.EnumerateDirectories(parts).Where(part => File.Exists(Path.Combine(part, Manifest.FileName))).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Copies the vectors that are asked for from the store in <paramref name="folder"/>, where it holds this encoder's.</summary>
    /// <returns>False where it is no such store.</returns>
    public static async Task<bool> CopyAsync(string folder, VectorPool visual, VectorPool textual, StepContext context, CancellationToken cancellation)
    {
        if (Manifest.IfReadable(folder) is not { } manifest || !Fits(manifest, context.Output)) return false;
        using var progress = context.Progress.Start($"copy vectors of {Path.GetFileName(folder)}", manifest.Files.Values.Sum(file => file.Rows ?? 0));
        foreach (var (name, expected) in manifest.Files)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path) || await Hashing.OfFileAsync(path, cancellation) != expected.Sha256)
            {
                context.Progress.Note($"{path} is missing or damaged; what only it holds is encoded again");
                continue;
            }
            await foreach (var row in TableFile.StreamAsync<FeatureRow>(path, cancellation))
            {
                visual.Copy(row.PictureSha256, row.VisualStatus, row.Visual);
                textual.Copy(row.TextSha256, row.TextualStatus, row.Textual);
                progress.Advance(1);
            }
        }
        return true;
    }

    /// <summary>What a vector depends on beside the picture or text: the encoder with its options and device, and what runs it.</summary>
    public static string MakerOf(Recipe recipe, IReadOnlyDictionary<string, string> runtime)
    {
        var dependsOn = new SortedDictionary<string, string>(recipe.Inputs, StringComparer.Ordinal);
        dependsOn.Remove(FeaturizeStage.Ingest);
        foreach (var key in Runtime.Keys) dependsOn[$"runtime/{key}"] = runtime.GetValueOrDefault(key, "");
        return (recipe with { Step = "", Inputs = dependsOn }).Fingerprint;
    }

    private static bool Fits(Manifest manifest, ArtifactWriter output) =>
        manifest.SchemaVersion == Manifest.CurrentSchema && MakerOf(manifest.Recipe, manifest.Runtime) == MakerOf(output.Recipe, Runtime);
}
