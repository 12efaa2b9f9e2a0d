using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LmmRec.Evaluate.Report.Items;

/// <summary>Item vectors on the plane in which they vary most: the first two principal components, by ML.NET.</summary>
/// <param name="Points">dense index and place of each item</param>
/// <param name="Share">share of the vectors' variance that the plane shows, 0 to 1</param>
internal sealed record ItemMap(IReadOnlyList<(int Item, double X, double Y)> Points, double Share)
{
    private const int Rank = 2, Fewest = 3, Seed = 1;

    /// <param name="items">dense indices and vectors, all of the same length</param>
    /// <returns>Null where there are too few items or values to lay out, or all vectors are equal.</returns>
    public static ItemMap? Of(IReadOnlyList<(int Item, float[] Vector)> items)
    {
        if (items.Count < Fewest || items[0].Vector.Length < Rank) return null;
        var total = Variance([.. items.Select(item => item.Vector)]);
        if (total == 0) return null;
        var ml = new MLContext(Seed);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Vector)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, items[0].Vector.Length);
        var view = ml.Data.LoadFromEnumerable(items.Select(item => new Row { Vector = item.Vector }), schema);
        var components = ml.Transforms.ProjectToPrincipalComponents(nameof(Row.Vector), rank: Rank, seed: Seed).Fit(view).Transform(view);
        var places = components.GetColumn<float[]>(nameof(Row.Vector)).ToArray();
        return new ItemMap([.. items.Zip(places, (item, place) => (item.Item, (double)place[0], (double)place[1]))], Variance(places) / total);
    }

    private static double Variance(float[][] vectors)
    {
        var mean = new double[vectors[0].Length];
        foreach (var vector in vectors)
            for (var d = 0; d < mean.Length; d++) mean[d] += vector[d] / (double)vectors.Length;
        var squares = vectors.Sum(vector => TensorPrimitives.SumOfSquares<float>(vector) / vectors.Length);
        return Math.Max(0, squares - TensorPrimitives.SumOfSquares<double>(mean));
    }

    private sealed class Row
    {
        public float[] Vector { get; init; } = [];
    }
}
