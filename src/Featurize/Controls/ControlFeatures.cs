using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize.Controls;

/// <summary>
/// Makes the store of a control from that of the features: an item has a vector in the same slots and the same status. It takes as much memory as the
/// features.
/// </summary>
internal static class ControlFeatures
{
    public const int CodeVersion = 1;

    // The same for every encoder, so that pictures of one and texts of another stay together where all items have both.
    private const long Seed = 1;

    /// <param name="control">what to make</param>
    /// <param name="features">folder of the features</param>
    /// <param name="context">where the rows go</param>
    /// <param name="cancellation">ends the writing</param>
    public static async Task WriteAsync(Control control, string features, StepContext context, CancellationToken cancellation)
    {
        var rows = await TableFile.StreamFolderAsync<FeatureRow>(features, cancellation: cancellation).ToListAsync(cancellation);
        var random = SeededRandom.For(Seed, ConfigurationBinder.NameOf(control));
        var made = control switch
        {
            Control.Shuffled => Shuffled(rows, random),
            Control.Noise => Replaced(rows, moments => moments.Draw(random)),
            _ => Replaced(rows, moments => moments.Constant()),
        };
        await context.Output.WriteShardsAsync("features", made.ToAsyncEnumerable(), FeatureShards.Rows, cancellation);

        var facts = Manifest.Read(features).Facts;
        foreach (var slot in new[] { "visual", "textual" })
            if (facts[slot] is { } counts) context.Output.Facts[slot] = counts.DeepClone();
        context.Output.Facts["control"] = ConfigurationBinder.NameOf(control);
        context.Output.Facts["controlOf"] = Path.GetFileName(features);
    }

    // Items with vectors in the same slots form a circle in random order, and each takes the vectors of the next: none keeps its own but one that is alone.
    private static IEnumerable<FeatureRow> Shuffled(List<FeatureRow> rows, SeededRandom random)
    {
        var from = new int[rows.Count];
        foreach (var alike in rows.Index().GroupBy(row => (row.Item.Visual is null, row.Item.Textual is null), row => row.Index))
        {
            int[] circle = [.. alike];
            random.Shuffle<int>(circle);
            for (var i = 0; i < circle.Length; i++) from[circle[i]] = circle[(i + 1) % circle.Length];
        }
        return rows.Zip(from.Select(other => rows[other]), (row, other) => row with
        {
            Visual = other.Visual,
            Textual = other.Textual,
            PictureSha256 = row.Visual is null ? row.PictureSha256 : other.PictureSha256,
            TextSha256 = row.Textual is null ? row.TextSha256 : other.TextSha256,
        });
    }

    private static IEnumerable<FeatureRow> Replaced(List<FeatureRow> rows, Func<Moments, float[]> replace)
    {
        var (visual, textual) = (Moments.Of(rows.Select(row => row.Visual)), Moments.Of(rows.Select(row => row.Textual)));
        return rows.Select(row => row with
        {
            Visual = row.Visual is null ? null : replace(visual),
            Textual = row.Textual is null ? null : replace(textual),
            PictureSha256 = row.Visual is null ? row.PictureSha256 : null,
            TextSha256 = row.Textual is null ? row.TextSha256 : null,
        });
    }
}
