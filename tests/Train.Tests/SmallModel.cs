using LmmRec.Artifacts;
using LmmRec.Dense;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests;

/// <summary>Any recommender on 60 users and 40 items, whose features are drawn.</summary>
internal static class SmallModel
{
    public const int Users = 60, Items = 40, BatchSize = 64;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static RecommenderOptions Default(string name) => (RecommenderOptions)Activator.CreateInstance(Recommender.All[name].OptionsType)!;

    public static RecommenderModel Create(
        string folder, string name, RecommenderOptions options, Dataset data, RuntimeOptions runtime, string modalities = "vt", params int[] zeroRows)
    {
        var catalogue = new Catalogue(Users, Items, Features('v', 20), Features('t', 12))
        {
            UserItems = UserItemGraph.Of(data),
            BatchSize = BatchSize,
            Neighbours = (features, k) => Neighbours.Of(features.Values, features.Width, k, threads: 2, Cancellation),
        };
        return RecommenderModel.Create(folder, Recommender.All[name], catalogue, options, seed: 1, runtime);

        FeatureMatrix? Features(char modality, int width)
        {
            if (!Recommender.All[name].UsesContent || !modalities.Contains(modality, StringComparison.Ordinal)) return null;
            var random = new SeededRandom(width);
            var values = Enumerable.Range(0, Items * width).Select(_ => (float)random.NextNormal()).ToArray();
            foreach (var row in zeroRows) values.AsSpan(row * width, width).Clear();
            return new FeatureMatrix(values, width);
        }
    }

    public static Dataset Data() => Data(Pairs());

    public static Dataset Data(IReadOnlyList<Interaction> pairs) =>
        Dataset.From([.. Enumerable.Range(0, Users).Select(u => $"u{u}")], [.. Enumerable.Range(0, Items).Select(i => $"i{i}")], pairs, []);

    // Users like items of their own half; the last item is nobody's.
    public static List<Interaction> Pairs()
    {
        var random = new SeededRandom(3);
        return [.. Enumerable.Range(0, Users).SelectMany(u => Enumerable.Range(0, 8).Select(_ => new Interaction(u, u % 2 * (Items / 2) + random.NextInt32(Items / 2 - 1)))).Distinct()];
    }
}
