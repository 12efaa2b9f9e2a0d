using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Train.Data;

/// <summary>The vectors of one modality as an encoder left them: some items may have none. The matrix that is made of them takes over their memory.</summary>
public sealed class FeatureRows
{
    private readonly float[] _values; // [I × Width], zeros where there is no vector
    private readonly bool[] _present;

    private FeatureRows(float[] values, int width, bool[] present) => (_values, Width, _present) = (values, width, present);

    /// <summary>F, the length of a vector.</summary>
    public int Width { get; }

    /// <summary>Whether each item has a vector.</summary>
    public IReadOnlyList<bool> Present => _present;

    /// <summary>Number of items without a vector.</summary>
    public int Missing => _present.Count(present => !present);

    /// <summary>Reads one modality of a features artifact.</summary>
    /// <param name="folder">the artifact</param>
    /// <param name="visual">the visual modality, else the textual</param>
    /// <param name="itemIds">the items, by dense index: a vector belongs to its id, whatever its place in the file</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">No item has a vector, widths differ, a value is not finite, or an item is unknown.</exception>
    public static async Task<FeatureRows> ReadAsync(string folder, bool visual, string[] itemIds, CancellationToken cancellation)
    {
        var index = itemIds.Select((id, i) => (id, i)).ToDictionary(p => p.id, p => p.i, StringComparer.Ordinal);
        float[]? values = null;
        var present = new bool[itemIds.Length];
        var width = 0;
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(folder, cancellation: cancellation))
        {
            if (!index.TryGetValue(row.ItemId, out var item))
                throw new InvalidInputException($"{folder}: item '{row.ItemId}' is not in the ingest artifact; the features are of other items, run featurize again");
            if ((visual ? row.Visual : row.Textual) is not { } vector) continue;
            if (values is null) (width, values) = (vector.Length, new float[(long)itemIds.Length * vector.Length]);
            if (vector.Length != width)
                throw new InvalidInputException($"{folder}: the vector of item '{row.ItemId}' has {vector.Length} values, others have {width}; run featurize again");
            if (Array.FindIndex(vector, v => !float.IsFinite(v)) is >= 0 and var bad)
                throw new InvalidInputException($"{folder}: the vector of item '{row.ItemId}' holds {vector[bad]} at {bad}; features must be finite");
            vector.CopyTo(values.AsSpan(item * width, width));
            present[item] = true;
        }
        if (width == 0)
            throw new InvalidInputException($"{folder}: no item has a {(visual ? "visual" : "textual")} vector; name another modality in train.modalities");
        return new FeatureRows(values!, width, present);
    }

    /// <summary>All items; those without a vector get the mean of the vectors that are there.</summary>
    public FeatureMatrix WithMeans()
    {
        var sum = new double[Width];
        foreach (var item in Items(present: true))
            for (var f = 0; f < Width; f++) sum[f] += _values[item * Width + f];
        var mean = Array.ConvertAll(sum, total => (float)(total / (_present.Length - Missing)));
        foreach (var item in Items(present: false)) mean.CopyTo(_values.AsSpan(item * Width));
        return WithZeros();
    }

    /// <summary>All items; those without a vector get zeros.</summary>
    public FeatureMatrix WithZeros() => new(_values, Width);

    /// <summary>The items that are <paramref name="kept"/> and no others; all of these have a vector.</summary>
    public FeatureMatrix Only(IReadOnlyList<bool> kept)
    {
        var values = new float[(long)kept.Count(keep => keep) * Width];
        var to = 0;
        foreach (var item in Items(present: true).Where(item => kept[item]))
            _values.AsSpan(item * Width, Width).CopyTo(values.AsSpan(to++ * Width));
        return new FeatureMatrix(values, Width);
    }

    private IEnumerable<int> Items(bool present) => Enumerable.Range(0, _present.Length).Where(item => _present[item] == present);
}
