using CsCheck;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Tests;

public sealed class HolmBonferroniTests
{
    [Fact]
    public void Adjusted_values_equal_those_done_by_hand_and_keep_their_order()
    {
        // Ascending 0.005, 0.01, 0.03, 0.04: times 4, 3, 2, 1 = 0.02, 0.03, 0.06, 0.04, and no value below the one before.
        var adjusted = HolmBonferroni.Adjust([0.01, 0.04, 0.03, 0.005]);
        Assert.Equal(0.03, adjusted[0], 1e-15);
        Assert.Equal(0.06, adjusted[1], 1e-15);
        Assert.Equal(0.06, adjusted[2], 1e-15);
        Assert.Equal(0.02, adjusted[3], 1e-15);
    }

    [Fact]
    public void No_adjusted_value_is_above_1() => Assert.Equal([1.0, 1.0], HolmBonferroni.Adjust([0.6, 0.9]));

    [Fact]
    public void One_test_needs_no_adjustment_and_none_gives_none()
    {
        Assert.Equal([0.04], HolmBonferroni.Adjust([0.04]));
        Assert.Empty(HolmBonferroni.Adjust([]));
    }

    [Fact]
    public void Adjusted_values_decide_as_the_step_down_procedure_does() =>
        Gen.Select(Gen.Double[0, 0.2].Array[1, 12], Gen.Double[0.01, 0.2]).Sample((p, alpha) =>
        {
            var adjusted = HolmBonferroni.Adjust(p);
            var order = Enumerable.Range(0, p.Length).OrderBy(i => p[i]).ToArray();
            var rejecting = true;
            for (var rank = 0; rank < order.Length; rank++)
            {
                rejecting &= p[order[rank]] * (p.Length - rank) <= alpha;
                Assert.Equal(rejecting, adjusted[order[rank]] <= alpha);
            }
        }, iter: 500, seed: "0000KOIPZG52", threads: 1);
}
