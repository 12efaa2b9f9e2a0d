using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Report.Items;

/// <summary>
/// What the page shows of an encoder. An item's vector is that of its picture and that of its text, each brought to length 1, one after the other; items that
/// lack one of the two are left out.
/// </summary>
/// <param name="Encoder">name of the encoder, such as <c>clip-small-ft</c></param>
/// <param name="Items">items that have a vector</param>
/// <param name="Map">items on a plane; null where there are too few</param>
/// <param name="Nearest">the nearest items, nearest first, by the item that was asked for</param>
internal sealed record EncodedItems(string Encoder, int Items, ItemMap? Map, IReadOnlyDictionary<int, List<Neighbour>> Nearest)
{
    /// <summary>Items on a map: more are no picture any more.</summary>
    public const int MostPoints = 2000;

    /// <summary>Reads the artifact of one encoder twice, and keeps only what is shown in memory.</summary>
    /// <param name="folder">its folder</param>
    /// <param name="catalogue">items of the catalogue</param>
    /// <param name="asked">items whose nearest are wanted</param>
    /// <param name="cancellation">ends the reading</param>
    public static async Task<EncodedItems> ReadAsync(string folder, int catalogue, IReadOnlyList<int> asked, CancellationToken cancellation)
    {
        var stride = (catalogue + MostPoints - 1) / MostPoints;
        var (count, drawn, nearest, vectors) = (0, new List<(int, float[])>(), new Dictionary<int, List<Neighbour>>(), new Dictionary<int, float[]>());
        await foreach (var (item, vector) in VectorsAsync(folder, cancellation))
        {
            count++;
            if (item % stride == 0) drawn.Add((item, vector));
            if (!asked.Contains(item)) continue;
            (vectors[item], nearest[item]) = (vector, []);
        }
        if (vectors.Count > 0)
            await foreach (var (item, vector) in VectorsAsync(folder, cancellation))
                foreach (var (query, its) in vectors.Where(query => query.Key != item))
                    Neighbour.Insert(nearest[query], new Neighbour(item, TensorPrimitives.CosineSimilarity<float>(its, vector)));
        return new EncodedItems(Path.GetFileName(folder), count, ItemMap.Of(drawn), nearest);
    }

    private static async IAsyncEnumerable<(int Item, float[] Vector)> VectorsAsync(string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var facts = Manifest.Read(folder).Facts;
        var (visual, textual) = (Has("visual"), Has("textual"));
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(folder, cancellation: cancellation))
        {
            if ((visual && row.Visual is null) || (textual && row.Textual is null) || !(visual || textual)) continue;
            yield return (row.Item, [.. Unit(visual ? row.Visual! : []), .. Unit(textual ? row.Textual! : [])]);
        }

        bool Has(string part) => (int?)facts[part]?[FeatureStatus.Ok] > 0;
    }

    // A vector of zeros stays one.
    private static float[] Unit(float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        if (norm > 0) TensorPrimitives.Divide(vector, norm, vector);
        return vector;
    }
}
