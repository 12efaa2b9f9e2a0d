using CsCheck;

namespace LmmRec.Ranking.Tests;

public sealed class RankingMetricsTests
{
    [Fact]
    public void The_worked_example_of_the_specification_holds()
    {
        // Three held-out items at ranks 1, 4 and 12.
        var ranked = Enumerable.Range(100, 20).ToArray();
        int[] heldOut = [100, 103, 111];
        Assert.Equal(2.0 / 3, RankingMetrics.Recall(ranked, heldOut, 10), 1e-15);
        Assert.Equal(0.671386, RankingMetrics.Ndcg(ranked, heldOut, 10), 5e-7);
        Assert.Equal(1.0, RankingMetrics.Recall(ranked, heldOut, 20), 1e-15);
        Assert.Equal(0.798203, RankingMetrics.Ndcg(ranked, heldOut, 20), 5e-7);
        Assert.Equal(0.2, RankingMetrics.Precision(ranked, heldOut, 10), 1e-15);
        Assert.Equal(0.5, RankingMetrics.AveragePrecision(ranked, heldOut, 10), 1e-15);
        Assert.Equal((1 + 0.5 + 3.0 / 12) / 3, RankingMetrics.AveragePrecision(ranked, heldOut, 20), 1e-15);
    }

    [Fact]
    public void The_ideal_ranking_counts_held_out_items_that_were_not_found() =>
        Assert.Equal(1 / (1 + 1 / Math.Log2(3) + 1 / Math.Log2(4)), RankingMetrics.Ndcg([7, 8, 9], [1, 2, 7], 3), 1e-15);

    [Fact]
    public void The_ideal_ranking_has_no_more_hits_than_ranks() =>
        Assert.Equal(1.0, RankingMetrics.Ndcg([4, 2], [1, 2, 3, 4, 5], 2), 1e-15);

    [Fact]
    public void A_ranking_of_fewer_items_than_the_cut_off_counts_whole()
    {
        Assert.Equal(0.5, RankingMetrics.Recall([7, 8, 9], [2, 9], 20), 1e-15);
        Assert.Equal(1 / Math.Log2(4) / (1 + 1 / Math.Log2(3)), RankingMetrics.Ndcg([7, 8, 9], [2, 9], 20), 1e-15);
    }

    [Fact]
    public void The_first_hit_decides_the_reciprocal_rank_and_whether_there_is_one()
    {
        Assert.Equal((0.5, 1.0), Values([7, 8, 9], [8, 9], 3));
        Assert.Equal((0.0, 0.0), Values([7, 8, 9], [9], 2));

        static (double, double) Values(int[] ranked, int[] heldOut, int k) =>
            (RankingMetrics.ReciprocalRank(ranked, heldOut, k), RankingMetrics.Value(RankingMetric.Hit, ranked, heldOut, k));
    }

    [Fact]
    public void Metrics_lie_between_0_and_1_and_recall_grows_with_the_cut_off() =>
        Gen.Select(Gen.Shuffle(Enumerable.Range(0, 60).ToArray()), Gen.Int[1, 60], Gen.Int[1, 59]).Sample((ranked, targets, k) =>
        {
            var heldOut = Enumerable.Range(0, targets).ToArray();
            foreach (var metric in Enum.GetValues<RankingMetric>())
                Assert.InRange(RankingMetrics.Value(metric, ranked, heldOut, k), 0, 1);
            Assert.True(RankingMetrics.Recall(ranked, heldOut, k) <= RankingMetrics.Recall(ranked, heldOut, k + 1));
        }, iter: 300, seed: "0000KOIPZG52", threads: 1);
}
