using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests.Rewriting;

public sealed class LowRankTests
{
    private static readonly string[] Weights = ["table", "conv", "gemm", "linear", "turned", "out"];

    [Fact]
    public void Before_the_first_update_no_bit_of_a_result_differs()
    {
        var (graph, updated) = (Model(), LowRank.Rewrite(Model(), IsPicked, rank: 2, alpha: 8));
        Assert.Equal(Weights.Order(), updated.Parameters.Where(p => !p.Trainable && Weights.Contains(p.Name)).Select(p => p.Name).Order());
        Assert.Equal(["bias", .. Weights.SelectMany(w => new[] { w + LowRank.A, w + LowRank.B })], updated.Parameters.Where(p => p.Trainable).Select(p => p.Name));
        Assert.Equal([2, 12], updated.Parameters.First(p => p.Name == "conv" + LowRank.A).Tensor.Shape.ToArray());
        Assert.Equal([6, 2], updated.Parameters.First(p => p.Name == "conv" + LowRank.B).Tensor.Shape.ToArray());
        Assert.Equal(Run(graph), Run(updated));
    }

    /// <summary>Read by a gather, a convolution, Gemm of both forms, MatMul, and a transposition.</summary>
    [Fact]
    public void Merged_weights_give_what_the_updated_graph_gives()
    {
        var updated = LowRank.Rewrite(Model(), IsPicked, rank: 3, alpha: 2);
        using var folder = new TemporaryFolder();
        updated.Output("loss", (updated.Outputs["y"] - 1).ReduceSumSquare());
        TrainingArtifacts.Write(folder.Path, updated, new TrainingPlan { Evaluation = ["y"] }, new SeededRandom(1));
        using var session = TrainingSession.Open(folder.Path);
        for (var step = 0; step < 5; step++) session.Step(Feed, learningRate: 0.05);

        var merged = Model();
        var values = LowRank.Merge(updated, session.Parameter);
        foreach (var parameter in merged.Parameters)
        {
            var changed = !parameter.Value!.As<float>().SequenceEqual(values(parameter.Name).As<float>());
            Assert.True(changed, $"{parameter.Name} was not trained");
            parameter.Set(values(parameter.Name));
        }
        Assert.All(session.Evaluate(Feed)["y"].As<float>().Zip(Run(merged)), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    /// <summary>
    /// One plain gradient step changes W + s·B·A, with B = 0, by −rate · s² · G · AᵀA, where G is the gradient with respect to W. With as many rows in A as W
    /// has columns and these rows orthogonal, AᵀA is the identity: the step of W has exactly G's direction. The drawn A makes of it a direction of descent.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_step_of_full_rank_has_the_direction_of_the_whole_gradient(bool orthogonal)
    {
        const int In = 6, Out = 8, Rank = In;
        const double Alpha = 3, Scale = Alpha / Rank;
        var whole = Layer();
        var full = Gradients(whole, "w")["w"];
        var updated = LowRank.Rewrite(Layer(), p => p.Name == "w", Rank, Alpha);
        updated.Initialize(new SeededRandom(9));
        var a = updated.Parameters.First(p => p.Name == "w" + LowRank.A);
        if (orthogonal) a.Set(Reflection());
        var gradients = Gradients(updated, "w" + LowRank.A, "w" + LowRank.B);
        Assert.All(gradients["w" + LowRank.A], g => Assert.Equal(0, g)); // B is zero

        // Of W, in a step of rate 1: −s · (gradient of B) · A.
        var (b, rows) = (gradients["w" + LowRank.B], a.Value!.As<float>());
        double[] step = [.. from o in Enumerable.Range(0, Out) from i in Enumerable.Range(0, In) select -Scale * Enumerable.Range(0, Rank).Sum(k => b[o * Rank + k] * rows[k * In + i])];
        var cosine = -step.Zip(full, (s, g) => s * g).Sum() / Math.Sqrt(step.Sum(s => s * s) * full.Sum(g => (double)g * g));
        if (orthogonal)
        {
            Assert.Equal(1, cosine, 1e-6);
            Assert.All(step.Zip(full), p => Assert.Equal(-Scale * Scale * p.Second, p.First, 1e-5));
        }
        else Assert.InRange(cosine, 0.1, 0.999);

        static Graph Layer()
        {
            var g = new Graph("layer");
            var w = g.Parameter("w", [Out, In], Initializers.XavierNormal);
            g.Output("loss", g.Input("x", ElementType.Float32, ["batch", In]).Linear(w).Tanh().ReduceSumSquare());
            g.Initialize(new SeededRandom(4));
            return g;
        }

        static Dictionary<string, float[]> Gradients(Graph g, params string[] names)
        {
            var variables = names.Select(name => g.Parameters.First(p => p.Name == name).Tensor).ToList();
            foreach (var (gradient, name) in g.Outputs["loss"].Gradients(variables).Zip(names)) g.Output($"{name}.gradient", gradient);
            using var model = InferenceModel.Open(g);
            var results = model.Run(new Batch { ["x"] = TensorData.Of([.. Enumerable.Range(0, 5 * In).Select(i => MathF.Sin(i))], 5, In) });
            return names.ToDictionary(name => name, name => results[$"{name}.gradient"].As<float>());
        }

        // I − 2vvᵀ / vᵀv: its rows are orthogonal and of length 1.
        static TensorData Reflection()
        {
            var v = Enumerable.Range(1, In).ToArray();
            var length = v.Sum(x => (double)x * x);
            return TensorData.Of([.. from i in Enumerable.Range(0, In) from j in Enumerable.Range(0, In) select (float)((i == j ? 1 : 0) - 2 * v[i] * v[j] / length)], In, In);
        }
    }

    [Fact]
    public void What_has_no_low_rank_update_is_named()
    {
        Assert.Contains("no weight of graph 'model' is picked for low-rank updates; it has: table, conv", Fails(_ => false, 2), StringComparison.Ordinal);
        Assert.Contains("parameter 'bias' is Float32 [4]; low-rank updates are for Float32 weights of two axes or more", Fails(p => p.Name == "bias", 2), StringComparison.Ordinal);
        Assert.Contains("a low-rank update of 'gemm' [6, 4] has a rank from 1 to 4, not 5", Fails(p => p.Name == "gemm", 5), StringComparison.Ordinal);
        Assert.Contains("has no low-rank updates to merge", Assert.Throws<GraphException>(() => LowRank.Merge(Model(), _ => TensorData.Scalar(0f))).Message, StringComparison.Ordinal);

        static string Fails(Func<Parameter, bool> picks, int rank) => Assert.Throws<GraphException>(() => LowRank.Rewrite(Model(), picks, rank, alpha: 1)).Message;
    }

    private static Batch Feed => new()
    {
        ["ids"] = TensorData.Of([3L, 0, 7]),
        ["pixels"] = TensorData.Of([.. Enumerable.Range(0, 3 * 3 * 4 * 4).Select(i => MathF.Cos(i))], 3, 3, 4, 4),
    };

    private static bool IsPicked(Parameter parameter) => Weights.Contains(parameter.Name);

    private static float[] Run(Graph graph)
    {
        graph.Initialize(new SeededRandom(1)); // what is drawn is multiplied by zeros
        using var model = InferenceModel.Open(graph);
        return model.Run(Feed)["y"].As<float>();
    }

    private static Graph Model()
    {
        var g = new Graph("model");
        var row = Next("table", 8, 6)[g.Input("ids", ElementType.Int64, ["batch"])];                                                          // [batch, 6]
        var patches = g.Input("pixels", ElementType.Float32, ["batch", 3, 4, 4]).Conv(Next("conv", 6, 3, 2, 2), stride: 2).ReduceMean([2, 3]); // [batch, 6]
        var x = (row + patches).Gemm(Next("gemm", 6, 4), Next("bias", 4)).Tanh();
        x = x.Linear(Next("linear", 5, 4)).Tanh().MatMul(Next("turned", 4, 5).Transpose(1, 0));
        g.Output("y", x.MatMul(Next("out", 4, 3)));
        g.Initialize(new SeededRandom(7));
        return g;

        Tensor Next(string name, params ReadOnlySpan<long> shape) => g.Parameter(name, Shape.Of(shape), Initializers.Normal(0.4));
    }
}
