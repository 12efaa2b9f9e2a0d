using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Train.Data;

/// <summary>What items without a vector get when the feature matrix is assembled.</summary>
public enum MissingPolicy
{
    /// <summary>The mean of the vectors that are there (spec data-and-evaluation 3.4).</summary>
    Mean,

    /// <summary>Zeros.</summary>
    Zero,
}

/// <summary>The features of one modality for all items, without gaps.</summary>
/// <param name="Values">[I × Width] float32, row by row</param>
/// <param name="Width">F, the length of a vector</param>
/// <param name="Filled">items that had no vector</param>
public sealed record FeatureMatrix(float[] Values, int Width, int Filled)
{
    /// <summary>Reads one modality of a features artifact and fills its gaps.</summary>
    /// <param name="folder">the artifact</param>
    /// <param name="visual">the visual modality, else the textual</param>
    /// <param name="itemIds">the items, by dense index: a vector belongs to its id, whatever its place in the file</param>
    /// <param name="missing">what items without a vector get</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">No item has a vector, widths differ, a value is not finite, or an item is unknown.</exception>
    public static async Task<FeatureMatrix> ReadAsync(string folder, bool visual, string[] itemIds, MissingPolicy missing, CancellationToken cancellation)
    {
        var index = itemIds.Select((id, i) => (id, i)).ToDictionary(p => p.id, p => p.i, StringComparer.Ordinal);
        var rows = new float[]?[itemIds.Length];
        var width = 0;
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(folder, cancellation: cancellation))
        {
            if (!index.TryGetValue(row.ItemId, out var item))
                throw new InvalidInputException($"{folder}: item '{row.ItemId}' is not in the ingest artifact; the features are of other items, run featurize again");
            if ((visual ? row.Visual : row.Textual) is not { } vector) continue;
            if (width == 0) width = vector.Length;
            if (vector.Length != width)
                throw new InvalidInputException($"{folder}: the vector of item '{row.ItemId}' has {vector.Length} values, others have {width}; run featurize again");
            if (Array.FindIndex(vector, v => !float.IsFinite(v)) is >= 0 and var bad)
                throw new InvalidInputException($"{folder}: the vector of item '{row.ItemId}' holds {vector[bad]} at {bad}; features must be finite");
            rows[item] = vector;
        }
        if (width == 0)
            throw new InvalidInputException($"{folder}: no item has a {(visual ? "visual" : "textual")} vector; name another modality in train.modalities");
        return Assemble(rows, width, missing);
    }

    /// <summary>Puts the rows together and fills those that are absent.</summary>
    public static FeatureMatrix Assemble(IReadOnlyList<float[]?> rows, int width, MissingPolicy missing)
    {
        var fill = new float[width];
        if (missing == MissingPolicy.Mean)
        {
            var sum = new double[width];
            var present = 0;
            foreach (var row in rows.OfType<float[]>())
            {
                present++;
                for (var f = 0; f < width; f++) sum[f] += row[f];
            }
            for (var f = 0; f < width; f++) fill[f] = (float)(sum[f] / Math.Max(1, present));
        }
        var values = new float[(long)rows.Count * width];
        for (var i = 0; i < rows.Count; i++) (rows[i] ?? fill).CopyTo(values.AsSpan(i * width, width));
        return new FeatureMatrix(values, width, rows.Count(row => row is null));
    }
}
