namespace LmmRec.Ranking.Tests;

public sealed class AllRankProtocolTests
{
    private static readonly RankingMetric[] Both = [RankingMetric.Recall, RankingMetric.Ndcg];

    // Item i scores i for every user, so the ranking without masks is 4 3 2 1 0.
    private static readonly Vectors Items = new(new float[] { 0, 1, 2, 3, 4 }, 1);
    private static readonly Vectors Users = new(new float[] { 1, 1, 1 }, 1);

    [Fact]
    public void Users_without_held_out_items_are_skipped_and_not_counted_as_zero()
    {
        var metrics = Measure(training: [], heldOut: [(0, 4), (2, 0)], cutoffs: [1]);
        Assert.Equal([0, 2], metrics.Users);
        Assert.Equal([1.0, 0.0], metrics[RankingMetric.Recall, 1]);
        Assert.Equal(0.5, metrics.Mean(RankingMetric.Recall, 1));
    }

    [Fact]
    public void Only_the_users_own_training_items_are_masked()
    {
        var metrics = Measure(training: [(0, 4), (1, 3)], heldOut: [(0, 3), (1, 4)], cutoffs: [1, 2]);
        Assert.Equal([1.0, 1.0], metrics[RankingMetric.Ndcg, 1]);
        Assert.Equal([1.0, 1.0], metrics[RankingMetric.Recall, 2]);
    }

    [Fact]
    public void A_held_out_item_that_nobody_trained_on_still_counts()
    {
        var metrics = Measure(training: [(0, 4)], heldOut: [(0, 0), (0, 3)], cutoffs: [2]);
        Assert.Equal([0.5], metrics[RankingMetric.Recall, 2]);
    }

    [Fact]
    public void A_held_out_item_without_a_vector_counts_as_not_found_and_a_training_item_without_one_masks_nothing()
    {
        // Items 1 and 3 have no vector; the others keep their order as 0, 1, 2 and score 0, 2, 4.
        bool[] hasVector = [true, false, true, false, true];
        var training = ItemSets.Of(2, 5, [(0, 3), (1, 4)]).Renumbered(hasVector);
        var heldOut = ItemSets.Of(2, 5, [(0, 4), (0, 1), (1, 2)]).Renumbered(hasVector);
        var metrics = AllRankProtocol.Measure(
            new Vectors(new float[] { 1, 1 }, 1), new Vectors(new float[] { 0, 2, 4 }, 1), training, heldOut, Both, [1, 3], threads: 1, CancellationToken.None);
        Assert.Equal([0.5, 1], metrics[RankingMetric.Recall, 1]);
        Assert.Equal([0.5, 1], metrics[RankingMetric.Recall, 3]);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        const int Count = 700, Dimension = 5;
        var random = new float[Count * Dimension];
        for (var i = 0; i < random.Length; i++) random[i] = MathF.Sin(i * 12.9898f);
        var vectors = new Vectors(random, Dimension);
        var training = ItemSets.Of(Count, Count, Enumerable.Range(0, 3000).Select(i => (i % Count, i * 31 % Count)));
        var heldOut = ItemSets.Of(Count, Count, Enumerable.Range(0, 1500).Select(i => (i * 7 % Count, i * 17 % Count)));
        UserMetrics With(int threads) => AllRankProtocol.Measure(vectors, vectors, training, heldOut, Both, [10, 20], threads, CancellationToken.None);

        var one = With(1);
        foreach (var threads in new[] { 2, 3, 8 })
        {
            var many = With(threads);
            foreach (var (metric, cutoff) in one.Columns)
                Assert.Equal(one[metric, cutoff].Select(BitConverter.DoubleToInt64Bits), many[metric, cutoff].Select(BitConverter.DoubleToInt64Bits));
        }
        Assert.Contains(one[RankingMetric.Recall, 20], value => value > 0);
    }

    [Fact]
    public void Cancelling_stops_the_measurement() => Assert.ThrowsAny<OperationCanceledException>(() =>
        AllRankProtocol.Measure(Users, Items, ItemSets.Of(3, 5, []), ItemSets.Of(3, 5, [(0, 1)]), Both, [1], 1, new CancellationToken(canceled: true)));

    private static UserMetrics Measure((int, int)[] training, (int, int)[] heldOut, int[] cutoffs) => AllRankProtocol.Measure(
        Users, Items, ItemSets.Of(3, 5, training), ItemSets.Of(3, 5, heldOut), Both, cutoffs, threads: 2, CancellationToken.None);
}
