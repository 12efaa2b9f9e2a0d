using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Dense;
using LmmRec.Evaluate.Baselines;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Tests;

public sealed class NearestNeighboursTests : IDisposable
{
    private readonly Workspace _workspace = new() { Baselines = [Baseline.ItemKnn, Baseline.ContentKnn] };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Features_that_no_array_holds_are_refused_before_any_is_read()
    {
        Assert.Equal(2_147_480_064, ContentKnn.Size(items: 466_033, width: 4608, "features/large"));
        Assert.StartsWith("features/large: 466034 items with 4608 values each are too many", Assert.Throws<InvalidInputException>(() => ContentKnn.Size(466_034, 4608, "features/large")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => ContentKnn.Size(50_000_000, 1, "features/narrow")); // the neighbours are more than the features
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(5, 10)]
    [InlineData(100, 1)] // more than there are
    public void Neighbours_by_interactions_are_those_of_comparing_all_pairs(int k, double shrinkage)
    {
        const int Users = 60, Items = 40;
        var training = Draw(Users, Items, seed: 1);
        var found = ItemKnn.Nearest(training, Items, k, shrinkage, threads: 2, Cancellation);
        for (var i = 0; i < Items; i++)
        {
            var expected = Enumerable.Range(0, Items).Where(j => j != i).Select(j => (Item: j, Similarity: Similarity(i, j))).Where(p => p.Similarity > 0)
                .OrderByDescending(p => p.Similarity).ThenBy(p => p.Item).Take(k).ToList();
            var row = Enumerable.Range(i * found.K + 1, found.K - 1).Where(e => found.Items[e] != i).ToList();
            Assert.Equal(expected, row.Select(e => (found.Items[e], found.Similarities[e])));
        }

        float Similarity(int i, int j)
        {
            var (a, b) = (Having(i), Having(j));
            return (float)(a.Intersect(b).Count() / (Math.Sqrt((double)a.Count * b.Count) + shrinkage));
        }

        List<int> Having(int item) => [.. Enumerable.Range(0, Users).Where(user => training[user].Contains(item))];
    }

    [Fact]
    public void An_item_scores_by_the_users_own_items_among_its_nearest()
    {
        // Item 0 is near to 1 and 2, item 1 to 0 alone, item 2 to nothing: from 1 it points away.
        var scores = new float[3];
        NearestNeighbours.Scoring(new Neighbours(3, [0, 1, 2, 1, 0, 1, 2, 1, 2], [1, 0.5f, 0.25f, 1, 0.5f, 0, 1, -0.5f, 0]), ItemSets.Of(1, 3, [(0, 1), (0, 2)]))(0, scores);
        Assert.Equal([0.75f, 0, 0], scores);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_ranking_by_scores_is_that_of_sorting_them_ties_by_index_without_what_the_user_has(int threads)
    {
        const int Users = 30, Items = 90;
        var random = new SeededRandom(2);
        var scores = Enumerable.Range(0, Users).Select(_ => Enumerable.Range(0, Items).Select(_ => (float)random.NextInt32(5)).ToArray()).ToArray();
        var training = Draw(Users, Items, seed: 3);
        var lists = ScoreRanker.Rank((user, row) => scores[user].CopyTo(row), Items, training, [.. Enumerable.Range(0, Users)], 20, threads, Cancellation);
        for (var user = 0; user < Users; user++)
            Assert.Equal(Enumerable.Range(0, Items).Except(training[user].ToArray()).OrderByDescending(item => scores[user][item]).ThenBy(item => item).Take(20), lists[user].ToArray());
    }

    [Fact]
    public async Task Who_buys_by_looks_is_served_by_content_and_without_features_that_case_is_left_out_and_said()
    {
        await _workspace.IngestAsync();
        await _workspace.FeaturizeOnCirclesAsync("looks");
        _workspace.Features["absent"] = "absent";
        await _workspace.TrainAsync("bpr-s1", skill: 0.5);
        await _workspace.EvaluateAsync();
        var recall = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row is { Split: Splits.Test, Group: "all", Metric: "recall", Cutoff: 10 }).ToDictionary(row => row.Case, row => row.Value);
        Assert.Equal(1, recall["content-knn-looks"]); // every hidden item is next but one to a user's others
        Assert.True(recall["most-popular"] < 0.8, string.Join(", ", recall));
        Assert.DoesNotContain("content-knn-absent", recall.Keys);
        Assert.Contains("evaluate/content-knn-absent: left out: needs features/absent, which is not there", _workspace.Notes);
    }

    private static ItemSets Draw(int users, int items, long seed)
    {
        var random = new SeededRandom(seed);
        return ItemSets.Of(users, items, Enumerable.Range(0, users * 6).Select(n => (n % users, random.NextInt32(items))));
    }
}
