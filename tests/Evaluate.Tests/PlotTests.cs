using CsCheck;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Report.Plots;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Tests;

public sealed class PlotTests
{
    private const string Seed = "0000KOIPZG52";

    [Fact]
    public void Every_user_is_in_exactly_one_group_and_groups_do_not_overlap() =>
        Gen.Int[1, 30].Array[1, 200].Sample(counts =>
        {
            var groups = CountGroup.Split(counts);
            Assert.InRange(groups.Count, 1, CountGroup.Most);
            Assert.Equal(Enumerable.Range(0, counts.Length), groups.SelectMany(group => group.Positions).Order());
            for (var g = 1; g < groups.Count; g++)
                Assert.True(groups[g - 1].Positions.Max(p => counts[p]) < groups[g].Positions.Min(p => counts[p]));
        }, iter: 500, seed: Seed, threads: 1);

    [Fact]
    public void Groups_say_how_many_interactions_their_members_have() =>
        Assert.Equal(["1", "2", "3-4", "9"], CountGroup.Split([1, 1, 2, 2, 3, 4, 9, 9]).Select(group => group.Range));

    [Fact]
    public void An_axis_has_round_labels_within_its_range_that_differ() =>
        Gen.Select(Gen.Double[0, 1], Gen.Double[1e-4, 1]).Sample((low, width) =>
        {
            var axis = Axis.Over(low, low + width, 0, 100, ticks: 4);
            var ticks = axis.Ticks.ToList();
            Assert.InRange(ticks.Count, 1, 6);
            Assert.All(ticks, tick => Assert.InRange(tick.Value, low, low + width));
            Assert.Equal(ticks.Count, ticks.Select(tick => tick.Label).Distinct().Count());
            Assert.All(ticks, tick => Assert.Equal(tick.Value, double.Parse(tick.Label, System.Globalization.CultureInfo.InvariantCulture), 1e-9));
        }, iter: 500, seed: Seed, threads: 1);

    [Fact]
    public void An_axis_over_one_value_still_has_room() => Assert.Equal("50", Axis.Over(0.3, 0.3, 0, 100, ticks: 3).At(0.3));

    [Fact]
    public void A_confidence_interval_equals_the_one_done_by_hand()
    {
        // s² = 5/3, t(0.975; 3) = 3.182446305, half width = t · sqrt(5/12).
        var interval = MeanInterval.Of([1, 2, 3, 4]);
        Assert.Equal(2.5, interval.Mean);
        Assert.Equal(3.182446305284263 * Math.Sqrt(5.0 / 12), interval.HalfWidth, 1e-9);
        Assert.Equal(0, MeanInterval.Of([0.4]).HalfWidth);
    }
}
