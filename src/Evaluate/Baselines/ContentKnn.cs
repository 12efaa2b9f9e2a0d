using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Dense;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Baselines;

/// <summary>Nearest neighbours by the features of an encoder (docs/evaluation.md#nearest-neighbours).</summary>
internal static class ContentKnn
{
    private const string Recommender = "content-knn";

    /// <summary>The case of an encoder.</summary>
    /// <param name="encoder">name of the encoder</param>
    /// <param name="folder">its features</param>
    public static CaseSource Case(string encoder, string folder)
    {
        var name = $"{Recommender}-{encoder}";
        return new CaseSource(name, async (data, cancellation) =>
        {
            var (features, width) = await ReadAsync(folder, data.Items, cancellation);
            return new OpenedCase(
                CaseDescription.Untrained(name, "ContentKNN") with { Recommender = Recommender, Encoder = encoder },
                NearestNeighbours.Ranking(data, (threads, stop) => Neighbours.Of(features, width, NearestNeighbours.K + 1, threads, stop)));
        })
        {
            CanBeLeftOut = true,
            Inputs = new Dictionary<string, string> { [$"features/{encoder}"] = folder },
        };
    }

    /// <summary>Values of the features of all items, which one array has to hold, as one does the neighbours.</summary>
    /// <exception cref="InvalidInputException">It does not.</exception>
    internal static int Size(int items, int width, string folder)
    {
        var most = (long)items * Math.Max(width, NearestNeighbours.K + 1);
        return most <= Array.MaxLength ? items * width : throw new InvalidInputException(
            $"{folder}: {items} items with {width} values each are too many to find nearest neighbours among; there may be {Array.MaxLength} values: leave content-knn out of evaluate.baselines");
    }

    // Visual and textual vectors beside each other, each of length 1, so that a cosine is the mean of both; zeros where an item has none.
    private static async Task<(float[] Features, int Width)> ReadAsync(string folder, IdIndex items, CancellationToken cancellation)
    {
        var (visual, textual) = (0, 0);
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(folder, cancellation: cancellation))
        {
            (visual, textual) = (Math.Max(visual, row.Visual?.Length ?? 0), Math.Max(textual, row.Textual?.Length ?? 0));
            if (visual > 0 && textual > 0) break;
        }
        var width = visual + textual;
        if (width == 0) throw new InvalidInputException($"{folder}: no item has a vector; leave the encoder out");
        var features = new float[Size(items.Count, width, folder)];
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(folder, cancellation: cancellation))
        {
            var item = items.Find(row.ItemId);
            if (item < 0) throw new InvalidInputException($"{folder}: item '{row.ItemId}' is not in {items.Folder}; the features are of other items, run featurize again");
            Put(row.Visual, item * width, visual);
            Put(row.Textual, item * width + visual, textual);

            void Put(float[]? vector, int at, int expected)
            {
                if (vector is null) return;
                if (vector.Length != expected)
                    throw new InvalidInputException($"{folder}: a vector of item '{row.ItemId}' has {vector.Length} values, others have {expected}; run featurize again");
                var length = Math.Sqrt(vector.Sum(value => (double)value * value));
                if (!double.IsFinite(length)) throw new InvalidInputException($"{folder}: a vector of item '{row.ItemId}' holds a value that is not finite; run featurize again");
                if (length > 0)
                    for (var f = 0; f < expected; f++) features[at + f] = (float)(vector[f] / length);
            }
        }
        return (features, width);
    }
}
