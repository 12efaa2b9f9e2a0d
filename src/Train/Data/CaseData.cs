using LmmRec.Artifacts;

namespace LmmRec.Train.Data;

/// <summary>What becomes of items without a vector in a modality that a case uses (docs/data.md#items-without-a-vector).</summary>
public enum MissingPolicy
{
    /// <summary>They get the mean of the vectors that are there.</summary>
    Mean,

    /// <summary>They get zeros.</summary>
    Zero,

    /// <summary>The case goes without them: it neither learns from them nor ranks them. A held-out item that was left out counts as a miss.</summary>
    Drop,
}

/// <summary>What one case is trained on, after the policy for items without a vector.</summary>
/// <param name="Interactions">users, items and splits</param>
/// <param name="Visual">visual features of these items; null where the case does not use them</param>
/// <param name="Textual">textual features of these items; null where the case does not use them</param>
/// <param name="Items">the index of each of these items in the catalogue, ascending</param>
public sealed record CaseData(Dataset Interactions, FeatureMatrix? Visual, FeatureMatrix? Textual, IReadOnlyList<int> Items)
{
    /// <summary>Whether each of these items has a visual vector of its own; null where the case does not use them.</summary>
    public IReadOnlyList<bool>? HasVisual { get; init; }

    /// <summary>Whether each of these items has a textual vector of its own; null where the case does not use them.</summary>
    public IReadOnlyList<bool>? HasTextual { get; init; }

    /// <summary>Items of the catalogue without a visual vector; null where the case does not use them.</summary>
    public int? WithoutVisual { get; init; }

    /// <summary>Items of the catalogue without a textual vector; null where the case does not use them.</summary>
    public int? WithoutTextual { get; init; }

    /// <summary>Items of the catalogue that the case goes without.</summary>
    public int Dropped { get; init; }

    /// <summary>Reads the tables of an ingest and of up to two features artifacts.</summary>
    /// <param name="ingest">the ingest artifact</param>
    /// <param name="visual">the artifact of visual vectors, if the case uses them</param>
    /// <param name="textual">the artifact of textual vectors, if the case uses them</param>
    /// <param name="missing">what becomes of items without a vector</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">A table is missing or broken, or nothing is left to train on.</exception>
    public static async Task<CaseData> ReadAsync(string ingest, string? visual, string? textual, MissingPolicy missing, CancellationToken cancellation)
    {
        var all = await Dataset.ReadAsync(ingest, cancellation);
        var v = visual is null ? null : await FeatureRows.ReadAsync(visual, visual: true, all.ItemIds, cancellation);
        var t = textual is null ? null : await FeatureRows.ReadAsync(textual, visual: false, all.ItemIds, cancellation);
        var kept = Enumerable.Range(0, all.Items).Select(item => missing != MissingPolicy.Drop || (v?.Present[item] ?? true) && (t?.Present[item] ?? true)).ToArray();
        int[] items = [.. Enumerable.Range(0, all.Items).Where(item => kept[item])];
        var data = items.Length == all.Items ? all : all.Keeping(kept);
        return new CaseData(data, Matrix(v), Matrix(t), items)
        {
            HasVisual = Has(v),
            HasTextual = Has(t),
            WithoutVisual = v?.Missing,
            WithoutTextual = t?.Missing,
            Dropped = all.Items - items.Length,
        };

        bool[]? Has(FeatureRows? rows) => rows is null ? null : Array.ConvertAll(items, item => rows.Present[item]);


        FeatureMatrix? Matrix(FeatureRows? rows) => rows is null ? null : missing switch
        {
            MissingPolicy.Mean => rows.WithMeans(),
            MissingPolicy.Drop when items.Length < all.Items => rows.Only(kept),
            _ => rows.WithZeros(),
        };
    }
}
