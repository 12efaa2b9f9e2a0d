using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class TrainingTests
{
    [Fact]
    public void A_linear_model_learns_the_weights_that_made_its_data()
    {
        using var folder = new TemporaryFolder();
        var g = new Graph("linear");
        var x = g.Input("x", ElementType.Float32, ["batch", 3]);
        var y = g.Input("y", ElementType.Float32, ["batch", 1]);
        var w = g.Parameter("w", [1, 3], Initializers.XavierNormal);
        var b = g.Parameter("b", [1], Initializers.Zeros);
        var error = x.Linear(w, b) - y; // [batch, 1]
        g.Output("loss", (error * error).ReduceMean());
        TrainingArtifacts.Write(folder.Path, g, new TrainingPlan(), new SeededRandom(1));

        using var session = TrainingSession.Open(folder.Path);
        var random = new SeededRandom(2);
        for (var step = 0; step < 600; step++)
        {
            float[] inputs = [.. Enumerable.Range(0, 96).Select(_ => (float)random.NextNormal())];
            float[] outputs = [.. inputs.Chunk(3).Select(r => 2 * r[0] - 3 * r[1] + 0.5f * r[2] + 1)];
            session.Step(new Batch { ["x"] = TensorData.Of(inputs, 32, 3), ["y"] = TensorData.Of(outputs, 32, 1) }, learningRate: 0.05);
        }
        Assert.Equal(600, session.Steps);
        Assert.All(session.Parameter("w").As<float>().Zip([2f, -3f, 0.5f]), p => Assert.Equal(p.Second, p.First, 1e-3));
        Assert.Equal(1f, session.Parameter("b").As<float>()[0], 1e-3);
    }

    [Fact]
    public void The_same_graph_and_seed_give_the_same_files()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "a", "b" })
        {
            var (graph, plan) = Small.MatrixFactorisation(users: 7, items: 5);
            TrainingArtifacts.Write(folder.PathOf(name), graph, plan, new SeededRandom(3));
        }
        var files = Directory.GetFiles(folder.PathOf("a")).Select(Path.GetFileName).Order().ToList();
        Assert.Equal(["checkpoint-0.safetensors", "checkpoint.json", "eval_model.onnx", "frozen.safetensors", "optimizer_model.onnx", "training.json", "training_model.onnx"], files);
        Assert.All(files, f => Assert.Equal(File.ReadAllBytes(folder.PathOf($"a/{f}")), File.ReadAllBytes(folder.PathOf($"b/{f}"))));
    }

    [Fact]
    public void A_matrix_factorisation_steps_as_Adam_says_and_moves_rows_that_the_batch_does_not_touch()
    {
        using var folder = new TemporaryFolder();
        var (graph, plan) = Small.MatrixFactorisation(users: 7, items: 5);
        TrainingArtifacts.Write(folder.Path, graph, plan with { Optimizer = new Adam { WeightDecay = 0.1 } }, new SeededRandom(3));
        using var session = TrainingSession.Open(folder.Path);

        var (m, v) = (new double[7 * 4], new double[7 * 4]);
        var expected = Array.ConvertAll(session.Parameter("users").As<float>(), x => (double)x);
        for (var step = 1; step <= 4; step++)
        {
            // Users 0 and 1 in the first steps, 2 and 2 later: repeated rows add up, left-out rows still move by their momentum and decay.
            var users = step < 3 ? new long[] { 0, 1 } : [2, 2];
            var result = session.Step(new Batch { ["u"] = TensorData.Of(users), ["p"] = TensorData.Of([1L, 1]), ["n"] = TensorData.Of([3L, 4]) }, 0.01);
            Assert.Equal(result.Loss, result.Parts["bpr"] + result.Parts["regularizer"], 1e-6);
            var gradient = session.Gradient("users").As<float>();
            for (var i = 0; i < expected.Length; i++)
            {
                var g = gradient[i] + 0.1 * expected[i];
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                expected[i] -= 0.01 * (m[i] / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
            }
            Assert.All(session.Parameter("users").As<float>().Zip(expected), p => Assert.Equal(p.Second, p.First, 2e-5));
        }
        Assert.Equal([7, 4], session.Evaluate()["user_vectors"].Shape);
        Assert.Equal(session.Parameter("users").As<float>(), session.Evaluate()["user_vectors"].As<float>());
    }

    [Fact]
    public void Batches_of_different_sizes_can_be_evaluated_one_after_the_other()
    {
        using var folder = new TemporaryFolder();
        var graph = new Graph("scaled");
        var scaled = graph.Output("scaled", graph.Input("x", ElementType.Float32, ["rows", 2]).MatMul(graph.Parameter("w", TensorData.Of([2f, 0, 0, 2], 2, 2))));
        graph.Output("loss", scaled.ReduceSum());
        using var session = TrainingSession.Create(folder.Path, graph, new TrainingPlan { Evaluation = ["scaled"] }, new SeededRandom(1));
        foreach (var rows in new[] { 3, 2, 5 })
        {
            float[] values = [.. Enumerable.Range(1, 2 * rows).Select(v => (float)v)];
            Assert.Equal(values.Select(v => 2 * v), session.Evaluate(new Batch { ["x"] = TensorData.Of(values, rows, 2) })["scaled"].As<float>());
        }
    }

    [Fact]
    public void A_checkpoint_brings_back_parameters_moments_and_state()
    {
        using var folder = new TemporaryFolder();
        var (graph, plan) = Small.MatrixFactorisation(users: 7, items: 5);
        TrainingArtifacts.Write(folder.PathOf("model"), graph, plan, new SeededRandom(3));
        using var session = TrainingSession.Open(folder.PathOf("model"));
        var batch = new Batch { ["u"] = TensorData.Of([0L, 5]), ["p"] = TensorData.Of([1L, 2]), ["n"] = TensorData.Of([3L, 4]) };
        session.Step(batch, 0.1);
        session.Save(folder.PathOf("best"), new TrainingState(0) { Random = { ["batches"] = [1, 2, 3, ulong.MaxValue] } });
        session.Step(batch, 0.1);
        var after = session.Parameter("items").As<float>();

        var state = session.Load(folder.PathOf("best"));
        Assert.Equal((1, ulong.MaxValue), (session.Steps, state.Random["batches"][3]));
        session.Step(batch, 0.1);
        Assert.Equal(after, session.Parameter("items").As<float>());
    }

    [Fact]
    public void A_session_works_on_the_frozen_tables_that_its_graph_was_given_and_the_graph_says_so_afterwards()
    {
        using var folder = new TemporaryFolder();
        float[] features = [1, 2, 3, 4];
        bool[] known = [true, false];
        var g = new Graph("frozen");
        var x = g.Parameter("features", TensorData.Of(features, [2, 2]), trainable: false);
        var mask = g.Parameter("known", TensorData.Of(known), trainable: false);
        var w = g.Parameter("w", [2, 2], Initializers.XavierNormal);
        g.Output("loss", (x.MatMul(w).ReduceSum([1]) * mask.Cast(ElementType.Float32)).ReduceSum()); // []
        var plan = new TrainingPlan();
        using (var session = TrainingSession.Create(folder.PathOf("a"), g, plan, new SeededRandom(1)))
        {
            session.Step(new Batch(), 0.1);
            Assert.Equal([1, 1, 2, 2], session.Gradient("w").As<float>()); // of the known row
            Assert.Equal(known, session.Parameter("known").As<bool>());
            session.SetParameter("features", TensorData.Of([5f, 6, 7, 8], [2, 2]));
            Assert.Equal([5, 6, 7, 8], features);
        }
        var error = Assert.Throws<GraphException>(() => TrainingSession.Create(folder.PathOf("b"), g, plan, new SeededRandom(1)));
        Assert.Contains("the values of parameter 'features' went to a training session", error.Message, StringComparison.Ordinal);
        foreach (var parameter in g.Parameters.Where(p => !p.Trainable)) parameter.Set(parameter.Name == "known" ? TensorData.Of(known) : TensorData.Of(features, [2, 2]));
        Assert.Contains("'w'", Assert.Throws<GraphException>(() => TrainingSession.Create(folder.PathOf("b"), g, plan, new SeededRandom(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_cannot_be_opened_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var (graph, plan) = Small.MatrixFactorisation(users: 7, items: 5);
        TrainingArtifacts.Write(folder.Path, graph, plan, new SeededRandom(3));
        File.WriteAllBytes(folder.PathOf(TrainingArtifacts.OptimizerModel), [1, 2, 3]);
        var error = Assert.Throws<GraphException>(() => TrainingSession.Open(folder.Path));
        Assert.Contains($"{TrainingArtifacts.OptimizerModel}' cannot be run", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trained_model_can_be_saved_with_the_outputs_that_its_users_need()
    {
        using var folder = new TemporaryFolder();
        var (graph, plan) = Small.MatrixFactorisation(users: 7, items: 5);
        TrainingArtifacts.Write(folder.PathOf("model"), graph, plan, new SeededRandom(3));
        using var session = TrainingSession.Open(folder.PathOf("model"));
        session.Step(new Batch { ["u"] = TensorData.Of([0L, 5]), ["p"] = TensorData.Of([1L, 2]), ["n"] = TensorData.Of([3L, 4]) }, 0.1);
        foreach (var parameter in graph.Parameters) parameter.Set(session.Parameter(parameter.Name));
        graph.Save(folder.PathOf("users.onnx"), outputs: ["user_vectors"]);
        using var model = InferenceModel.Open(folder.PathOf("users.onnx"));
        Assert.Empty(model.Inputs);
        Assert.Equal(session.Parameter("users").As<float>(), model.Run([])["user_vectors"].As<float>());
        Assert.Contains("has no output 'vectors'; it has: bpr", Assert.Throws<GraphException>(() => graph.Save(folder.PathOf("x.onnx"), ["vectors"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_does_not_fit_says_what_is_missing_unknown_or_wrong()
    {
        using var folder = new TemporaryFolder();
        var (graph, plan) = Small.MatrixFactorisation(users: 7, items: 5);
        TrainingArtifacts.Write(folder.Path, graph, plan, new SeededRandom(3));
        using var session = TrainingSession.Open(folder.Path);
        var batch = new Batch { ["u"] = TensorData.Of([0L]), ["p"] = TensorData.Of([1f]), ["negative"] = TensorData.Of([1L]) };
        var error = Assert.Throws<GraphException>(() => session.Step(batch, 0.1));
        Assert.Contains("input 'n' is missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("'negative' is no input; allowed: u, p, n", error.Message, StringComparison.Ordinal);
        Assert.Contains("input 'p' takes Int64, not Float32", error.Message, StringComparison.Ordinal);
    }
}
