using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class AccumulationTests
{
    private const double Rate = 0.1;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Weighted_micro_batches_give_the_update_of_the_weighted_mean_loss(bool kernels)
    {
        using TemporaryFolder folder = new(), weighted = new();
        Write(folder);
        Write(weighted, total: (g, loss) => loss * g.Input("share", ElementType.Float32, ["batch"]));
        using TrainingSession parts = Open(folder, kernels), whole = Open(weighted, kernels);
        for (var step = 0; step < 3; step++)
        {
            double[] weights = [0.5, 0.2, 0.3];
            var losses = weights.Select((weight, i) => weight * parts.Accumulate(Small.Rows(2 * i, 2), weight: weight).Loss).ToList();
            var norm = parts.Update(Rate);
            // Each row counts with its micro-batch's weight over that batch's two rows; the loss is the mean over six.
            var rows = Small.Rows(0, 6);
            rows["share"] = TensorData.Of([.. weights.SelectMany(w => new[] { (float)w * 3, (float)w * 3 })]);
            var result = whole.Step(rows, Rate);
            Assert.Equal(result.Loss, losses.Sum(), 1e-6);
            Assert.Equal(result.GradientNorm, norm, 1e-6);
            Same(whole, parts);
        }
        Assert.Equal(3, parts.Steps);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Different_losses_are_added_and_parameters_that_none_reaches_have_gradient_zero(bool kernels)
    {
        using TemporaryFolder folder = new(), sum = new();
        Write(folder);
        Write(sum, total: (g, loss) => loss + g.Outputs["decay"] * 2);
        using TrainingSession parts = Open(folder, kernels), whole = Open(sum, kernels);
        for (var step = 0; step < 2; step++)
        {
            Assert.Equal(0, parts.Accumulate(Small.Rows(0, 4)).GradientNorm);
            parts.Accumulate([], loss: "decay", weight: 2); // reaches body.w alone
            parts.Update(Rate);
            whole.Step(Small.Rows(0, 4), Rate);
            Same(whole, parts);
        }
        parts.Accumulate([], loss: "decay");
        parts.Update(Rate);
        Assert.All(parts.Gradient("head.w").As<float>(), g => Assert.Equal(0, g));
        parts.Accumulate([], loss: "decay");
        parts.Accumulate([], loss: "decay");
        parts.Update(Rate);
        Assert.All(parts.Gradient("head.w").As<float>(), g => Assert.Equal(0, g));
    }

    [Fact]
    public void One_batch_that_is_accumulated_and_used_is_a_step_to_the_byte()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        using TrainingSession one = Open(folder, kernels: true), other = Open(folder, kernels: true);
        var result = one.Step(Small.Rows(0, 4), Rate);
        Assert.Equal(result.Loss, other.Accumulate(Small.Rows(0, 4)).Loss);
        Assert.Equal(result.GradientNorm, other.Update(Rate));
        Assert.True(result.GradientNorm > 0);
        Assert.Equal(one.Parameter("body.w").As<float>(), other.Parameter("body.w").As<float>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_micro_batch_that_is_not_finite_updates_nothing_and_drops_what_came_before(bool kernels)
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        using TrainingSession session = Open(folder, kernels), untouched = Open(folder, kernels);
        var before = session.Parameter("head.w").As<float>();
        session.Accumulate(Small.Rows(0, 2));
        var broken = Small.Rows(2, 2);
        broken["y"] = TensorData.Of([1f, 1e30f]);
        Assert.Contains("'loss' of 'accumulated' is not finite at step 1", Assert.Throws<NotFiniteException>(() => session.Accumulate(broken)).Message, StringComparison.Ordinal);
        Assert.Equal(before, session.Parameter("head.w").As<float>());
        Assert.Contains("has no gradients", Assert.Throws<GraphException>(() => session.Update(Rate)).Message, StringComparison.Ordinal);
        Assert.Equal(0, session.Steps);

        session.Accumulate(Small.Rows(0, 4), weight: float.MaxValue);
        session.Accumulate(Small.Rows(0, 4), weight: float.MaxValue);
        Assert.Contains("the sum over the micro-batches overflows", Assert.Throws<NotFiniteException>(() => session.Update(Rate)).Message, StringComparison.Ordinal);
        Assert.Equal(before, session.Parameter("head.w").As<float>());

        // What was dropped is not in the next update.
        session.Step(Small.Rows(4, 2), Rate);
        untouched.Step(Small.Rows(4, 2), Rate);
        Assert.Equal(untouched.Parameter("head.w").As<float>(), session.Parameter("head.w").As<float>());
    }

    [Fact]
    public void What_was_accumulated_before_a_checkpoint_is_loaded_is_dropped()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        using var session = Open(folder, kernels: true);
        session.Accumulate(Small.Rows(0, 2));
        session.Load(folder.Path);
        Assert.Throws<GraphException>(() => session.Update(Rate));
    }

    private static void Same(TrainingSession expected, TrainingSession actual)
    {
        foreach (var name in expected.Parameters)
        {
            Assert.All(expected.Gradient(name).As<float>().Zip(actual.Gradient(name).As<float>()), p => Assert.Equal(p.First, p.Second, 1e-6));
            Assert.All(expected.Parameter(name).As<float>().Zip(actual.Parameter(name).As<float>()), p => Assert.Equal(p.First, p.Second, 2e-6));
        }
    }

    private static TrainingSession Open(TemporaryFolder folder, bool kernels) => TrainingSession.Open(folder.Path, new RuntimeOptions { Threads = 1, Kernels = kernels });

    // A regression of two layers; "decay" is a loss of the first layer alone.
    private static void Write(TemporaryFolder folder, Func<Graph, Tensor, Tensor>? total = null)
    {
        var g = new Graph("accumulated");
        var body = g.Parameter("body.w", [4, 3], Initializers.XavierUniform);
        var score = g.Input("x", ElementType.Float32, ["batch", 3]).Linear(body).Tanh().Linear(g.Parameter("head.w", [1, 4], Initializers.XavierUniform)).Squeeze(1); // [batch]
        g.Output("decay", body.ReduceSumSquare());
        var errors = (score - g.Input("y", ElementType.Float32, ["batch"])).Pow(2); // [batch]
        g.Output("loss", (total?.Invoke(g, errors) ?? errors).ReduceMean());
        TrainingArtifacts.Write(folder.Path, g, new TrainingPlan { OtherLosses = new Dictionary<string, IReadOnlyList<string>> { ["decay"] = [] } }, new SeededRandom(4));
    }
}
