using LmmRec.Artifacts;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

public sealed class DrawingTests
{
    private const int Draws = 20_000;

    [Fact]
    public void A_draw_has_the_number_asked_for_in_ascending_order_and_none_twice()
    {
        var random = new SeededRandom(1);
        for (var count = 0; count <= 20; count++)
        {
            foreach (var drawn in new[] { Drawing.Uniform(20, count, random), Drawing.Weighted(Enumerable.Repeat(0.1, 20).ToArray(), count, random) })
            {
                Assert.Equal(count, drawn.Length);
                Assert.Equal(drawn.Distinct().Order(), drawn);
                Assert.All(drawn, index => Assert.InRange(index, 0, 19));
            }
        }
    }

    [Fact]
    public void Every_index_is_drawn_as_often_as_every_other()
    {
        var random = new SeededRandom(2);
        var counts = Counts(10, () => Drawing.Uniform(10, 3, random));
        Assert.All(counts, count => Assert.InRange(count, 0.3 * Draws - 300, 0.3 * Draws + 300)); // 4.6 standard deviations
    }

    [Fact]
    public void The_first_draw_follows_the_weights_and_the_next_what_is_left()
    {
        double[] weights = [1, 2, 5];
        var random = new SeededRandom(3);
        var one = Counts(3, () => Drawing.Weighted(weights, 1, random));
        for (var i = 0; i < 3; i++) Assert.Equal(weights[i] / 8, (double)one[i] / Draws, 0.016);
        // Index 0 is among two unless it is left over: 1 − P(1, 2 drawn) = 1 − (2/8 · 5/6 + 5/8 · 2/3).
        var two = Counts(3, () => Drawing.Weighted(weights, 2, random));
        Assert.Equal(1 - (2.0 / 8 * 5 / 6 + 5.0 / 8 * 2 / 3), (double)two[0] / Draws, 0.017);
    }

    private static int[] Counts(int population, Func<int[]> draw)
    {
        var counts = new int[population];
        for (var d = 0; d < Draws; d++)
            foreach (var index in draw()) counts[index]++;
        return counts;
    }
}
