using LmmRec.Artifacts;
using LmmRec.Dense;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

public sealed class ItemGraphTests
{
    [Fact]
    public void An_item_without_features_has_only_itself_in_the_graph_and_is_nobodys()
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

    private static Neighbours Find(float[] features, int width, int k) => Neighbours.Of(features, width, k, threads: 2, TestContext.Current.CancellationToken);

    private static float[] Random(int items, int width, long seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, items * width).Select(_ => (float)random.NextNormal())];
    }
}
