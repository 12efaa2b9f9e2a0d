using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.Tuning;

public sealed class GradientReachTests
{
    [Theory]
    [InlineData("blocks.{0}.w", 0, "lastBlocks 2 or less")]
    [InlineData("blocks.{0}.w", 1, "lastBlocks 1 or less")]
    [InlineData("blocks.{0}.w", 2, "lastBlocks 0")]
    [InlineData("w{0}", 0, "this encoder cannot be trained")]
    public void What_lies_before_an_operator_without_gradient_is_refused_with_the_option_that_would_do(string names, int gap, string advice)
    {
        var error = Assert.Throws<InvalidInputException>(() => GradientReach.Require(Tower(names, gap)));
        Assert.StartsWith("'visual': 'gap/LeakyReluGradient' (LeakyReluGradient) has no gradient", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(advice, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tower_with_all_before_it_frozen_can_be_trained()
    {
        var tower = Tower("blocks.{0}.w", gap: 1);
        TrainedParameters.FreezeBelow(tower, 1);
        GradientReach.Require(tower);
    }

    // Three blocks and a head; behind the block "gap" stands an operator that has no gradient rule.
    private static Graph Tower(string names, int gap)
    {
        var g = new Graph("visual");
        var x = g.Input("x", ElementType.Float32, ["batch", 4]);
        for (var block = 0; block < 4; block++)
        {
            var name = block == 3 ? "head" : string.Format(System.Globalization.CultureInfo.InvariantCulture, names, block);
            x = x.Linear(g.Parameter(name, [4, 4], Initializers.XavierUniform)).Tanh();
            if (block != gap) continue;
            using var scope = g.Scope("gap");
            x = g.Add("LeakyReluGradient", x, x);
        }
        g.Output("y", x);
        return g;
    }
}
