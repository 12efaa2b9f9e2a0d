using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class LeafTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_leaf_has_a_gradient_and_stays_as_the_caller_set_it(bool kernels)
    {
        using var session = Open(kernels);
        session.SetRows("table", [2, 0], TensorData.Of([5f, 6f, 1f, 2f], 2, 2));
        Assert.Equal([1f, 2f, 0, 0, 5f, 6f], session.Parameter("table").As<float>());

        session.Step(new Batch { ["rows"] = TensorData.Of([2L]) }, 0.1);
        session.Step(new Batch { ["rows"] = TensorData.Of([0L, 2L, 2L]) }, 0.1);
        Assert.Equal([1f, 2f, 0, 0, 5f, 6f], session.Parameter("table").As<float>());
        Assert.Equal([2f, 4f, 0, 0, 20f, 24f], session.Gradient("table").As<float>()); // d/dx Σ x², row 2 twice
        Assert.Equal([20f, 24f, 2f, 4f], session.Gradient("table", [2, 0]).As<float>());
        Assert.Equal([2L, 2L], session.Gradient("table", [2, 0]).Shape);
    }

    [Fact]
    public void A_loss_that_does_not_reach_a_leaf_gives_it_the_gradient_zero()
    {
        using var session = Open();
        session.SetRows("table", [1], TensorData.Of([1f, 1f], 1, 2));
        session.Step(new Batch { ["rows"] = TensorData.Of([1L]) }, 0.1);
        session.Step(new Batch(), 0.1, "decay");
        Assert.All(session.Gradient("table").As<float>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_parameter_that_only_a_further_loss_reaches_is_trained_by_that()
    {
        var g = new Graph("apart");
        var (a, b) = (g.Parameter("a", TensorData.Of([1f])), g.Parameter("b", TensorData.Of([2f])));
        g.Output("loss", a.ReduceSumSquare());
        g.Output("other", b.ReduceSumSquare());
        var plan = new TrainingPlan { OtherLosses = new Dictionary<string, IReadOnlyList<string>> { ["other"] = [] }, Evaluation = ["loss"] };
        using var session = TrainingSession.Create(_folder.PathOf("apart"), g, plan, new SeededRandom(1));
        session.Accumulate([]);
        Assert.Equal((2f, 0f), (session.Gradient("a").As<float>()[0], session.Gradient("b").As<float>()[0]));
        session.Accumulate([], "other");
        session.Update(0.1);
        Assert.Equal((2f, 4f), (session.Gradient("a").As<float>()[0], session.Gradient("b").As<float>()[0]));
    }

    [Fact]
    public void An_evaluation_takes_batches_of_different_sizes()
    {
        using var session = Open();
        foreach (var rows in new long[][] { [0, 1, 2], [1], [0, 2] })
            Assert.Equal([rows.Length, 2L], session.Evaluate(new Batch { ["rows"] = TensorData.Of(rows) }, "rows of the table")["chosen"].Shape);
    }

    [Fact]
    public void A_checkpoint_holds_leaves()
    {
        using var session = Open();
        session.SetRows("table", [1], TensorData.Of([3f, 4f], 1, 2));
        session.Save(_folder.PathOf("saved"));
        session.SetRows("table", [1], TensorData.Of([7f, 8f], 1, 2));
        session.Load(_folder.PathOf("saved"));
        Assert.Equal([0, 0, 3f, 4f, 0, 0], session.Parameter("table").As<float>());
        Assert.DoesNotContain("table", SafeTensors.Read(Path.Combine(_folder.PathOf("training"), "frozen.safetensors")).Keys);
    }

    [Fact]
    public void Rows_of_another_width_and_a_leaf_that_is_trained_are_refused()
    {
        using var session = Open();
        var wrong = Assert.Throws<GraphException>(() => session.SetRows("table", [1], TensorData.Of([1f], 1, 1)));
        Assert.Equal("1 rows of parameter 'table', Float32 [3, 2], cannot take Float32 [1, 1]", wrong.Message);

        var g = new Graph("trained");
        g.Output("loss", g.Parameter("w", TensorData.Of([1f])).ReduceSum());
        Assert.Equal(
            "graph 'trained' has no parameter 'w' that is not trained, so it is no leaf that the caller can change",
            Assert.Throws<GraphException>(() => TrainingArtifacts.Write(_folder.PathOf("other"), g, new TrainingPlan { Leaves = ["w"] }, new SeededRandom(1))).Message);
    }

    private TrainingSession Open(bool kernels = true)
    {
        var g = new Graph("leaves");
        var (table, w) = (g.Parameter("table", TensorData.Zeros(ElementType.Float32, [3, 2]), trainable: false), g.Parameter("w", TensorData.Of([0.5f])));
        var chosen = table[g.Input("rows", ElementType.Int64, ["n"])];
        g.Output("loss", chosen.ReduceSumSquare() + w.ReduceSumSquare());
        g.Output("chosen", chosen);
        g.Output("decay", w.ReduceSumSquare());
        var plan = new TrainingPlan { Leaves = ["table"], OtherLosses = new Dictionary<string, IReadOnlyList<string>> { ["decay"] = [] }, Evaluation = ["decay"], OtherEvaluations = new Dictionary<string, IReadOnlyList<string>> { ["rows of the table"] = ["chosen"] } };
        return TrainingSession.Create(_folder.PathOf("training"), g, plan, new SeededRandom(1), new RuntimeOptions { Kernels = kernels });
    }
}
