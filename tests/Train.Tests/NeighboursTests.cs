using LmmRec.Artifacts;
using LmmRec.Dense;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

public sealed class NeighboursTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(300, 20, 5)] // several blocks, and columns that do not fill a vector
    [InlineData(130, 1100, 10)] // several chunks of columns
    [InlineData(3, 4, 10)] // fewer items than neighbours asked for
    public void Blocked_search_finds_what_comparing_all_pairs_finds(int items, int width, int k)
    {
        var features = Random(items, width, seed: 1);
        var found = Find(features, width, k);
        Assert.Equal(Math.Min(k, items), found.K);
        for (var i = 0; i < items; i++)
        {
            var expected = Enumerable.Range(0, items).Select(j => (Item: j, Cosine: Cosine(features, width, i, j))).OrderByDescending(p => p.Cosine).Take(found.K).ToList();
            Assert.Equal(expected.Select(p => p.Item), found.Items[(i * found.K)..((i + 1) * found.K)]);
            for (var n = 0; n < found.K; n++) Assert.Equal(expected[n].Cosine, found.Similarities[i * found.K + n], 1e-5);
        }
    }

    [Fact]
    public void Every_item_is_its_own_nearest_with_similarity_one()
    {
        var found = Find(Random(200, 16, seed: 2), 16, 3);
        for (var i = 0; i < 200; i++) Assert.Equal((i, 1f), (found.Items[i * 3], found.Similarities[i * 3]));
    }

    [Fact]
    public void Every_item_is_its_own_nearest_also_among_more_items_with_the_same_features_than_are_asked_for()
    {
        const int Items = 200, Width = 128, Equal = 30, K = 10;
        var features = Random(Items, Width, seed: 9);
        for (var i = 1; i < Equal; i++) Array.Copy(features, 0, features, i * Width, Width); // as all items get that have no vector of their own
        var found = Find(features, Width, K);
        var graph = found.Graph(binary: true);
        for (var i = 0; i < Items; i++)
        {
            Assert.Equal((i, 1f), (found.Items[i * K], found.Similarities[i * K]));
            Assert.Equal(K, found.Items[(i * K)..((i + 1) * K)].Distinct().Count());
            Assert.Equal(K, graph.Starts[i + 1] - graph.Starts[i]);
            if (i < Equal) Assert.All(found.Items[(i * K)..((i + 1) * K)], other => Assert.InRange(other, 0, Equal - 1));
        }
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        var features = Random(700, 33, seed: 3);
        Array.Copy(features, 0, features, 33 * 500, 33 * 50); // equal rows: ties
        var (one, four) = (Find(features, 33, 4, threads: 1), Find(features, 33, 4, threads: 4));
        Assert.Equal(one.Items, four.Items);
        Assert.Equal(one.Similarities, four.Similarities);
    }

    [Fact]
    public void A_row_of_zeros_has_only_itself_as_a_neighbour_and_is_nobodys()
    {
        var features = Random(20, 4, seed: 4);
        Array.Clear(features, 4 * 7, 4);
        var found = Find(features, 4, 20);
        var graph = found.Graph(binary: true);
        Assert.Equal([7], graph.Indices[graph.Starts[7]..graph.Starts[8]]);
        Assert.Single(graph.Indices, item => item == 7);
        Assert.All(ItemGraph.Normalized(found.Graph(binary: false)).Values, v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void Freedoms_graph_has_one_tenth_everywhere_and_rows_that_sum_to_one()
    {
        var (visual, textual) = (Frozen(seed: 5), Frozen(seed: 6));
        Assert.All(visual.Values, v => Assert.Equal(0.1f, v, 1e-6f));
        var mixed = CsrMatrix.Sum(0.1f, visual, 0.9f, textual);
        Assert.All(mixed.RowSums(), sum => Assert.Equal(1f, sum, 1e-5f));
        Assert.All(mixed.Values, v => Assert.InRange(v, 0.00999f, 0.10001f));

        static CsrMatrix Frozen(int seed) => ItemGraph.NormalizedWithEpsilon(Find(Random(50, 8, seed), 8, 10).Graph(binary: true));
    }

    [Fact]
    public void Neighbours_are_kept_under_the_hash_of_the_features_and_not_found_for_others()
    {
        using var folder = new TemporaryFolder();
        var cache = new NeighbourCache(folder.PathOf("cache"));
        var (a, b) = (new FeatureMatrix(Random(40, 8, seed: 7), 8), new FeatureMatrix(Random(40, 8, seed: 8), 8));
        var found = Get(cache, a);
        Assert.Single(Directory.GetFiles(folder.PathOf("cache")));
        var again = Get(cache, a);
        Assert.Equal(found.Items, again.Items);
        Assert.Equal(found.Similarities, again.Similarities);
        Assert.Equal(Find(b.Values, 8, 5).Items, Get(cache, b).Items);
        Assert.Equal(2, Directory.GetFiles(folder.PathOf("cache")).Length);
    }

    [Fact]
    public void A_cached_file_that_was_cut_short_is_made_again()
    {
        using var folder = new TemporaryFolder();
        var cache = new NeighbourCache(folder.Path);
        var features = new FeatureMatrix(Random(40, 8, seed: 7), 8);
        var found = Get(cache, features);
        var file = Directory.GetFiles(folder.Path).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..100]);
        Assert.Equal(found.Items, Get(cache, features).Items);
    }

    [Fact]
    public async Task Who_wants_neighbours_of_other_features_does_not_wait()
    {
        using var folder = new TemporaryFolder();
        var cache = new NeighbourCache(folder.Path);
        using ManualResetEventSlim held = new(), goOn = new();
        var first = Task.Run(() => NeighbourCache.Alone("a", Hold, Cancellation), Cancellation);
        held.Wait(Cancellation);
        try
        {
            await Task.Run(() => Get(cache, new FeatureMatrix(Random(40, 8, seed: 8), 8)), Cancellation).WaitAsync(TimeSpan.FromMinutes(2), Cancellation);
        }
        finally
        {
            goOn.Set();
        }
        Assert.Equal(1, await first);

        int Hold()
        {
            held.Set();
            goOn.Wait(Cancellation);
            return 1;
        }
    }

    private static Neighbours Find(float[] features, int width, int k, int threads = 2) => Neighbours.Of(features, width, k, threads, TestContext.Current.CancellationToken);

    private static Neighbours Get(NeighbourCache cache, FeatureMatrix features) => cache.Get(features, 5, 2, TestContext.Current.CancellationToken);

    private static float[] Random(int items, int width, long seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, items * width).Select(_ => (float)random.NextNormal())];
    }

    private static double Cosine(float[] features, int width, int i, int j)
    {
        double dot = 0, a = 0, b = 0;
        for (var f = 0; f < width; f++)
        {
            var (x, y) = (features[i * width + f], features[j * width + f]);
            (dot, a, b) = (dot + x * y, a + x * x, b + y * y);
        }
        return dot / Math.Sqrt(a * b);
    }
}
