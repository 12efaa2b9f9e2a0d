namespace LmmRec.Graphs.Tests.Rewriting;

public sealed class GradientGapTests
{
    [Theory]
    [InlineData(0, "the last 2 of 3 blocks of 'blocks' and what comes behind them")]
    [InlineData(1, "the last 1 of 3 blocks of 'blocks' and what comes behind them")]
    [InlineData(2, "what comes behind the blocks of 'blocks'")]
    [InlineData(3, "nothing")]
    public void An_operator_without_gradient_is_named_with_the_blocks_that_can_be_trained_nevertheless(int gap, string trainable)
    {
        var g = Encoder(gap);
        Assert.Equal(("gap/LeakyReluGradient", "LeakyReluGradient"), g.GradientGap());
        var loss = g.Output("loss", g.Outputs["y"].ReduceSum());
        var message = Assert.Throws<GraphException>(() => loss.Gradients([g.Parameters[0].Tensor])).Message;
        Assert.StartsWith("LeakyReluGradient 'gap/LeakyReluGradient' of [batch, 4] and [batch, 4]: has no gradient rule, and lies between a trained parameter and 'loss'", message, StringComparison.Ordinal);
        Assert.Contains($"to be trained nevertheless: {trainable}.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_lies_behind_it_is_trained_when_the_rest_is_frozen()
    {
        var g = Encoder(gap: 1);
        foreach (var parameter in g.Parameters) parameter.Trainable = parameter.Name is "blocks.2.w" or "head";
        Assert.Null(g.GradientGap());
        Assert.Equal(2, g.Outputs["y"].ReduceSum().Gradients([.. g.Parameters.Where(p => p.Trainable).Select(p => p.Tensor)]).Count);
    }

    // Three blocks; behind block or head number "gap" stands an operator that has no gradient rule.
    private static Graph Encoder(int gap)
    {
        var g = new Graph("encoder");
        var x = g.Input("x", ElementType.Float32, ["batch", 4]);
        foreach (var (name, i) in new[] { "blocks.0.w", "blocks.1.w", "blocks.2.w", "head" }.Select((name, i) => (name, i)))
        {
            x = x.Linear(g.Parameter(name, [4, 4], Initializers.XavierUniform)).Tanh();
            if (i != gap) continue;
            using var scope = g.Scope("gap");
            x = g.Add("LeakyReluGradient", x, x);
        }
        g.Output("y", x);
        return g;
    }
}
