using LmmRec.Train.Harness;

namespace LmmRec.Train.Tests;

public sealed class EarlyStoppingTests
{
    [Fact]
    public void Values_that_are_equal_to_four_decimals_are_no_improvement()
    {
        var stopping = new EarlyStopping(patience: 20);
        Assert.True(stopping.Improves(0, 0.12341));
        Assert.False(stopping.Improves(1, 0.12344));
        Assert.True(stopping.Improves(2, 0.12346));
        Assert.Equal((2, 0.12346), (stopping.BestEpoch, stopping.Best));
    }

    [Fact]
    public void Training_stops_at_the_twenty_first_evaluation_without_improvement()
    {
        var stopping = new EarlyStopping(patience: 20);
        stopping.Improves(0, 0.5);
        for (var epoch = 1; epoch <= 20; epoch++)
        {
            stopping.Improves(epoch, 0.4);
            Assert.False(stopping.ShouldStop);
        }
        stopping.Improves(21, 0.4);
        Assert.True(stopping.ShouldStop);
    }

    [Fact]
    public void An_improvement_starts_the_count_again()
    {
        var stopping = new EarlyStopping(patience: 1);
        stopping.Improves(0, 0.5);
        stopping.Improves(1, 0.4);
        stopping.Improves(2, 0.6);
        stopping.Improves(3, 0.4);
        Assert.False(stopping.ShouldStop);
    }

    [Fact]
    public void A_first_value_of_zero_is_the_best_so_far()
    {
        var stopping = new EarlyStopping(patience: 0);
        Assert.True(stopping.Improves(0, 0));
    }
}
