using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize;

/// <summary>Puts a feature matrix that the user brought into a slot of the feature store.</summary>
internal static class MatrixFeatures
{
    private const string TablePrefix = "matrix-";

    /// <summary>The tables of ingest that are read.</summary>
    public static IReadOnlyList<string> TablesFor(string name) => [TableFile.NameOf<ItemRow>(), TablePrefix + name];

    public static async Task WriteAsync(string name, Slot slot, string ingest, StepContext context, CancellationToken cancellation)
    {
        var table = TablePrefix + name;
        if (!File.Exists(Path.Combine(ingest, table + ".parquet")))
            throw new InvalidInputException(
                $"encoder '{name}': the ingest holds no matrix {name}; it holds {Held(ingest)}; "
                + "if the encoder is new, run 'lmmrec ingest' again; else name one of them, or give the encoder a card");

        var counts = new ModalityCounts();
        using var progress = context.Progress.Start($"copy rows of {name}", CatalogueItem.CountOf(ingest));
        await context.Output.WriteShardsAsync("features", RowsAsync(), FeatureShards.Rows, cancellation);
        context.Output.Facts[slot == Slot.Visual ? "visual" : "textual"] = counts.ToJson();

        async IAsyncEnumerable<FeatureRow> RowsAsync()
        {
            await using var vectors = TableFile.StreamFolderAsync<MatrixRow>(ingest, table, cancellation).GetAsyncEnumerator(cancellation);
            var left = await vectors.MoveNextAsync();
            await foreach (var row in TableFile.StreamFolderAsync<ItemRow>(ingest, cancellation: cancellation))
            {
                // No row, or one of zeros, is how feature files write that an item has no picture or text; zeros have no direction, so graphs of neighbours need the fill.
                float[]? vector = null;
                if (left && vectors.Current.Item == row.Item)
                {
                    if (vectors.Current.Vector.AsSpan().ContainsAnyExcept(0f)) vector = vectors.Current.Vector;
                    left = await vectors.MoveNextAsync();
                }
                var status = vector is null ? FeatureStatus.Missing : FeatureStatus.Ok;
                counts.Add(status);
                progress.Advance(1);
                yield return slot == Slot.Visual
                    ? new FeatureRow(row.Item, row.ItemId, vector, status, null, FeatureStatus.None)
                    : new FeatureRow(row.Item, row.ItemId, null, FeatureStatus.None, vector, status);
            }
        }
    }

    private static string Held(string ingest)
    {
        var names = Directory.EnumerateFiles(ingest, TablePrefix + "*.parquet").Select(f => Path.GetFileNameWithoutExtension(f)[TablePrefix.Length..]).Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? "none" : string.Join(", ", names);
    }
}
