using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class OptimizerTests
{
    [Fact]
    public void Schedules_rise_and_fall_as_they_say()
    {
        Assert.Equal(0.1, new ConstantSchedule(0.1).At(99));
        Assert.Equal(0.1 * Math.Pow(0.96, 25 / 50.0), new ExponentialSchedule(0.1, 0.96, 50).At(25), 1e-15);
        Assert.Equal([0.5, 1, 1, 0.75, 0.5, 0.25, 0, 0], Enumerable.Range(0, 8).Select(s => new LinearSchedule(1, TotalSteps: 6, WarmUpSteps: 2).At(s)));
        Assert.All(Enumerable.Range(0, 6).Select(s => new CosineSchedule(2, TotalSteps: 4).At(s)).Zip([2, 1 + Math.Sqrt(0.5), 1, 1 - Math.Sqrt(0.5), 0, 0]), p => Assert.Equal(p.Second, p.First, 1e-12));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Micro_batches_give_the_update_of_the_whole_batch(bool kernels)
    {
        using var folder = new TemporaryFolder();
        Write(folder, new TrainingPlan { MaxGradientNorm = 0.01 });
        using TrainingSession whole = Open(folder, kernels), parts = Open(folder, kernels);
        for (var step = 0; step < 3; step++)
        {
            var one = whole.Step(Small.Rows(0, 8), 0.1);
            var four = parts.Step([Small.Rows(0, 2), Small.Rows(2, 2), Small.Rows(4, 2), Small.Rows(6, 2)], 0.1);
            Assert.Equal(one.Loss, four.Loss, 1e-5);
            Assert.All(whole.Gradient("body.w").As<float>().Zip(parts.Gradient("body.w").As<float>()), p => Assert.Equal(p.First, p.Second, 1e-7));
        }
        Assert.Equal(3, parts.Steps);
        // Norm of all gradients together, after clipping.
        var squares = new[] { "body.w", "head.w" }.SelectMany(name => whole.Gradient(name).As<float>()).Sum(x => (double)x * x);
        Assert.Equal(0.01, Math.Sqrt(squares), 1e-6);
    }

    [Fact]
    public void A_group_that_names_no_parameter_or_shares_one_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("names 'tail.w', and graph 'groups' has no such parameter; it has: table, body.w, head.w", Fails(["tail.w"], []), StringComparison.Ordinal);
        Assert.Contains("'head.w' of graph 'groups' is named by a parameter group more than once", Fails(["head.w"], ["body.w", "head.w"]), StringComparison.Ordinal);

        string Fails(string[] first, string[] second) => Assert.Throws<GraphException>(
            () => Write(folder, new TrainingPlan { Groups = [new ParameterGroup { Names = first }, new ParameterGroup { Names = second }] })).Message;
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_byte_of_the_gradients_norm()
    {
        const int Count = 6_000_000; // many chunks, so that other threads are awake before the first has summed them all
        var random = new SeededRandom(1);
        // A chunk's sum that is added after that of the large element is lost, so the order of chunks shows.
        var gradient = TensorData.Of([.. Enumerable.Range(0, Count).Select(i => i == Count / 2 ? 4e10f : (float)random.NextNormal())]);
        var parameter = new ParameterInfo("w", ElementType.Float32, [Count], Trainable: true);
        var expected = Norms(threads: 1, runs: 1)[0];
        for (var threads = 2; threads < 5; threads++) Assert.All(Norms(threads, runs: 60), norm => Assert.Equal(expected, norm));

        double[] Norms(int threads, int runs)
        {
            using var memory = new HostMemory();
            using var gradients = new HostGradients([parameter], memory, threads);
            gradients.Tensors[OptimizerGraph.GradientOf("w")].Write(gradient);
            return [.. Enumerable.Range(0, runs).Select(_ => gradients.Norm().Norm)];
        }
    }

    [Fact]
    public void A_group_has_its_own_rate_and_decay_and_frozen_parameters_stay()
    {
        using var folder = new TemporaryFolder();
        Write(folder, new TrainingPlan { Optimizer = new Adam { WeightDecay = 0.5, Decoupled = true }, Groups = [new ParameterGroup { Names = ["body.w"], RateFactor = 0.1, WeightDecay = 0 }] });
        using var session = Open(folder, kernels: true);
        var (body, head, frozen) = (session.Parameter("body.w").As<float>(), session.Parameter("head.w").As<float>(), session.Parameter("table").As<float>());
        session.Step(Small.Rows(0, 8), 0.01);
        // The first step of Adam moves each element by the rate towards the sign of its gradient.
        Check(body, "body.w", rate: 0.001, decay: 0);
        Check(head, "head.w", rate: 0.01, decay: 0.5);
        Assert.Equal(frozen, session.Parameter("table").As<float>());

        void Check(float[] before, string name, double rate, double decay)
        {
            var (after, gradient) = (session.Parameter(name).As<float>(), session.Gradient(name).As<float>());
            for (var i = 0; i < before.Length; i++) Assert.Equal(before[i] * (1 - rate * decay) - rate * Math.Sign(gradient[i]), after[i], 1e-5);
        }
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_with_the_node_that_made_it_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        Write(folder, new TrainingPlan());
        using var session = Open(folder, kernels: true);
        session.Step(Small.Rows(0, 4), 0.01);
        session.Save(folder.Path);
        var (before, checkpoint) = (session.Parameter("head.w").As<float>(), File.ReadAllBytes(folder.PathOf("checkpoint-1.safetensors")));

        var negative = new Batch { ["x"] = Formula.Wave(0, 1, 2, 3), ["y"] = TensorData.Of([1f, -1e30f]) };
        var error = Assert.Throws<NotFiniteException>(() => session.Step(negative, 0.01));
        Assert.Contains("'loss' of 'groups' is not finite at step 2: node 'criterion/", error.Message, StringComparison.Ordinal);
        var broken = new Batch { ["x"] = TensorData.Of([1, 2, 3, float.NaN, 1, 1], 2, 3), ["y"] = TensorData.Of([1f, 2]) };
        Assert.Contains("its input 'x' already holds a value that is not", Assert.Throws<NotFiniteException>(() => session.Step(broken, 0.01)).Message, StringComparison.Ordinal);

        Assert.Equal(before, session.Parameter("head.w").As<float>());
        Assert.Equal(1, session.Steps);
        Assert.Equal(checkpoint, File.ReadAllBytes(folder.PathOf("checkpoint-1.safetensors")));
        Assert.True(float.IsFinite(session.Step(Small.Rows(0, 4), 0.01).Loss));
    }

    [Fact]
    public void A_gradient_that_is_not_finite_is_caught_where_the_loss_is_finite()
    {
        using var folder = new TemporaryFolder();
        var g = new Graph("root");
        var w = g.Parameter("w", TensorData.Of([0f, 1]));
        using (g.Scope("head")) g.Output("loss", (w.Sqrt() * g.Input("x", ElementType.Float32, [2])).ReduceSum());
        TrainingArtifacts.Write(folder.Path, g, new TrainingPlan(), new SeededRandom(1));
        using var session = Open(folder, kernels: true);
        var error = Assert.Throws<NotFiniteException>(() => session.Step(new Batch { ["x"] = TensorData.Of([1f, 1]) }, 0.1));
        Assert.Contains("'w.gradient' of 'root' is not finite at step 1: node 'gradient/head/Sqrt/Div' (Div)", error.Message, StringComparison.Ordinal);
        Assert.Equal([0f, 1], session.Parameter("w").As<float>());
    }

    [Fact]
    public void A_checkpoint_that_is_cut_or_another_models_is_refused_and_nothing_changes()
    {
        using TemporaryFolder folder = new(), other = new();
        Write(folder, new TrainingPlan { Schedule = new ConstantSchedule(0.1) });
        var (graph, plan) = Small.MatrixFactorisation(users: 3, items: 3);
        TrainingArtifacts.Write(other.Path, graph, plan, new SeededRandom(1));
        using var session = Open(folder, kernels: true);
        session.Step(Small.Rows(0, 4));
        session.Save(folder.Path);
        var before = session.Parameter("head.w").As<float>();

        Assert.Contains("is not one of model 'groups': body.w", Fails(other.Path), StringComparison.Ordinal);
        var path = folder.PathOf("checkpoint-1.safetensors");
        var whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^5]);
        Assert.Contains("the file is truncated", Fails(folder.Path), StringComparison.Ordinal);
        File.WriteAllBytes(path, whole[..30]);
        Assert.Contains("its header claims", Fails(folder.Path), StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains("cannot be read", Fails(folder.Path), StringComparison.Ordinal);
        File.WriteAllBytes(path, whole);
        File.WriteAllText(folder.PathOf("checkpoint.json"), "{");
        Assert.Contains("checkpoint.json' cannot be read", Fails(folder.Path), StringComparison.Ordinal);
        Assert.Equal(before, session.Parameter("head.w").As<float>());
        Assert.Equal(1, session.Steps);

        string Fails(string from) => Assert.Throws<GraphException>(() => session.Load(from)).Message;
    }

    private static TrainingSession Open(TemporaryFolder folder, bool kernels) => TrainingSession.Open(folder.Path, new RuntimeOptions { Threads = 1, Kernels = kernels });

    private static void Write(TemporaryFolder folder, TrainingPlan plan)
    {
        var g = new Graph("groups");
        var table = g.Parameter("table", [3, 3], Initializers.XavierUniform, trainable: false);
        var hidden = (g.Input("x", ElementType.Float32, ["batch", 3]) + table.ReduceMean([0])).Linear(g.Parameter("body.w", [4, 3], Initializers.XavierUniform)).Tanh();
        var score = hidden.Linear(g.Parameter("head.w", [1, 4], Initializers.XavierUniform)).Squeeze(1); // [batch]
        using (g.Scope("criterion")) g.Output("loss", (score - g.Input("y", ElementType.Float32, ["batch"])).Pow(2).ReduceMean());
        TrainingArtifacts.Write(folder.Path, g, plan, new SeededRandom(4));
    }
}
