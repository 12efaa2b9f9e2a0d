using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize;

/// <summary>Puts a feature matrix that the user brought into a slot of the feature store.</summary>
internal static class MatrixFeatures
{
    private const string TablePrefix = "matrix-";

    public static async Task WriteAsync(string name, Slot slot, string ingest, StepContext context, CancellationToken cancellation)
    {
        var table = TablePrefix + name;
        if (!File.Exists(Path.Combine(ingest, table + ".parquet")))
            throw new InvalidInputException($"encoder '{name}': the data set brings no matrix {name}.npy; it brings {Brought(ingest)}; name one of them, or give the encoder a card");

        var counts = new ModalityCounts();
        using var progress = context.Progress.Start($"copy rows of {name}", CatalogueItem.CountOf(ingest));
        await context.Output.WriteShardsAsync("features", RowsAsync(), FeatureShards.Rows, cancellation);
        context.Output.Facts[slot == Slot.Visual ? "visual" : "textual"] = counts.ToJson();

        async IAsyncEnumerable<FeatureRow> RowsAsync()
        {
            await foreach (var row in TableFile.StreamFolderAsync<MatrixRow>(ingest, table, cancellation))
            {
                // A row of zeros is how feature files write that an item has no picture or text; it has no direction, so graphs of neighbours need the fill.
                var vector = row.Vector.AsSpan().ContainsAnyExcept(0f) ? row.Vector : null;
                var status = vector is null ? FeatureStatus.Missing : FeatureStatus.Ok;
                counts.Add(status);
                progress.Advance(1);
                yield return slot == Slot.Visual
                    ? new FeatureRow(row.Item, row.ItemId, vector, status, null, FeatureStatus.None)
                    : new FeatureRow(row.Item, row.ItemId, null, FeatureStatus.None, vector, status);
            }
        }
    }

    private static string Brought(string ingest)
    {
        var names = Directory.EnumerateFiles(ingest, TablePrefix + "*.parquet").Select(f => Path.GetFileNameWithoutExtension(f)[TablePrefix.Length..]).Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? "none" : string.Join(", ", names);
    }
}
