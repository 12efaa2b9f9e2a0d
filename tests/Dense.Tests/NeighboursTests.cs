using LmmRec.Artifacts;

namespace LmmRec.Dense.Tests;

public sealed class NeighboursTests
{
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
        for (var i = 0; i < Items; i++)
        {
            Assert.Equal((i, 1f), (found.Items[i * K], found.Similarities[i * K]));
            Assert.Equal(K, found.Items[(i * K)..((i + 1) * K)].Distinct().Count());
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
        for (var i = 0; i < 20; i++)
            foreach (var neighbour in found.Items[(i * 20)..((i + 1) * 20)]) Assert.True(neighbour == i || (i != 7 && neighbour != 7));
    }

    private static Neighbours Find(float[] features, int width, int k, int threads = 2) => Neighbours.Of(features, width, k, threads, TestContext.Current.CancellationToken);

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
