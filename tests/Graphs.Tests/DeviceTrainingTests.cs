using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

/// <summary>A training whose state lies in a device's memory, on a device without hardware.</summary>
public sealed class DeviceTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeDevice _device = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_put_into_a_parameter_is_seen_by_the_next_step()
    {
        var g = new Graph("one");
        g.Output("loss", g.Parameter("w", [1], Initializers.Zeros).ReduceSum());
        using var session = TrainingSession.Create(_folder.Path, g, new TrainingPlan { Evaluation = ["loss"] }, new SeededRandom(1), _device.Options);
        Assert.Equal(0, session.Step(new Batch(), 0.5).Loss);
        session.SetParameter("w", TensorData.Of([5f]));
        Assert.Equal(5, session.Step(new Batch(), 0.5).Loss);
        session.SetParameter("w", TensorData.Of([7f]));
        Assert.Equal(7, session.Evaluate()["loss"].As<float>()[0]);
    }

    [Fact]
    public void A_loaded_checkpoint_is_seen_by_the_next_step()
    {
        using var session = Create(_folder.PathOf("a"), _device.Options);
        var first = session.Step(Feed(1), 0.1).Loss;
        session.Save(_folder.PathOf("saved"));
        var second = session.Step(Feed(2), 0.1);
        var third = session.Step(Feed(3), 0.1);
        session.Load(_folder.PathOf("saved"));
        Assert.Equal(1, session.Steps);
        Assert.Equal((second.Loss, third.Loss), (session.Step(Feed(2), 0.1).Loss, session.Step(Feed(3), 0.1).Loss));
        Assert.NotEqual(first, second.Loss);
    }

    [Fact]
    public void A_step_takes_the_batch_to_the_device_and_brings_losses_and_norm_back_and_nothing_else()
    {
        using var session = Create(_folder.Path, _device.Options);
        session.Step(Feed(0), 0.1);
        var (before, copiedIn, copiedOut) = (session.Bindings.ToList(), _device.CopiedIn, _device.CopiedOut);
        session.Step(Feed(1), 0.1);

        const int Batch = 2 * sizeof(long), Optimizer = sizeof(double) + sizeof(long), Clipping = 2 * sizeof(float); // rows; learning rate and number of the step; factors
        Assert.Equal(Batch + Optimizer + Clipping, _device.CopiedIn - copiedIn);
        Assert.Equal(0, _device.CopiedOut - copiedOut);
        Assert.Equal(["learning_rate", "rows", "step", "weight"], session.Bindings.Where(b => b.IsInput && b.EachRun && b.Times > (Before(b)?.Times ?? 0)).Select(b => b.Name).Distinct().Order());
        Assert.Equal(["half", "loss", "other", "squares"], session.Bindings.Where(b => b is { IsInput: false, Place: Place.Host, Graph: not "eval_model.onnx" }).Select(b => b.Name).Distinct().Order());
        Assert.All(session.Bindings.Where(b => !b.EachRun && b.Place == Place.Host), b => Assert.InRange(b.Bytes, 4, 8));

        Binding? Before(Binding b) => before.Find(other => (other.Graph, other.Layout, other.Name) == (b.Graph, b.Layout, b.Name));
    }

    [Fact]
    public void Parameters_moments_gradients_and_frozen_tables_are_bound_once_and_lie_on_the_device()
    {
        using var session = Create(_folder.Path, _device.Options);
        for (var i = 0; i < 5; i++) session.Step(Feed(i), 0.1);
        var tables = session.Bindings.Where(b => !b.EachRun && b.Name is not ("loss" or "half" or "other" or "squares")).ToList();
        Assert.All(tables, b => Assert.Equal((Place.Device, 1), (b.Place, b.Times)));
        Assert.Superset(
            new HashSet<string> { "table", "frozen", "table.first_moment", "table.second_moment", "table.gradient", "table.next" }, tables.Select(b => b.Name).ToHashSet());
    }

    [Fact]
    public void A_training_on_a_device_computes_what_it_computes_on_the_host()
    {
        using TrainingSession host = Create(_folder.PathOf("host"), new RuntimeOptions { Threads = 2 }), device = Create(_folder.PathOf("device"), _device.Options);
        foreach (var session in new[] { host, device })
        {
            session.Step(Feed(0), 0.1);                                     // clipped
            session.Step(Feed(1), 0.1, "other");                            // does not reach 'bias'
            session.Step([Feed(2), Feed(3), Feed(4)], 0.1);                 // three micro-batches
            session.Accumulate(Feed(5), "other", 0.5);
            session.Accumulate(Feed(6), weight: 2);
            Assert.InRange(session.Update(0.1), 1e-3, 1e3);
            session.Accumulate(Feed(7), weight: 0.25);
            session.Update(0.1);
        }
        foreach (var name in new[] { "table", "bias" })
        {
            AssertClose(host.Parameter(name), device.Parameter(name));
            AssertClose(host.Gradient(name), device.Gradient(name));
        }
    }

    [Fact]
    public void A_gradient_that_is_not_finite_stops_the_step_and_changes_nothing()
    {
        using var session = Create(_folder.Path, _device.Options);
        session.Step(Feed(0), 0.1);
        var (table, poisoned) = (session.Parameter("table"), session.Parameter("table"));
        poisoned.As<float>()[0] = float.NaN;
        session.SetParameter("table", poisoned);
        var error = Assert.Throws<NotFiniteException>(() => session.Step(new Batch { ["rows"] = TensorData.Of([0L, 1L]) }, 0.1));
        Assert.Contains("its input 'table' already holds a value that is not", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, session.Steps);
        session.SetParameter("table", table);
        Assert.True(float.IsFinite(session.Step(Feed(1), 0.1).Loss));
    }

    [Fact]
    public void A_gradient_whose_square_is_too_large_for_a_float_is_no_error()
    {
        var g = new Graph("steep");
        g.Output("loss", (g.Parameter("w", [2], Initializers.Zeros) * 1e25).ReduceSum());
        using var session = TrainingSession.Create(_folder.Path, g, new TrainingPlan { MaxGradientNorm = 1 }, new SeededRandom(1), _device.Options);
        Assert.Equal(Math.Sqrt(2) * 1e25, session.Step(new Batch(), 0.5).GradientNorm, 1e20);
        Assert.All(session.Gradient("w").As<float>(), value => Assert.Equal(Math.Sqrt(0.5), value, 1e-5));
    }

    [Fact]
    public void An_evaluation_sees_what_the_last_step_wrote()
    {
        using var session = Create(_folder.Path, _device.Options);
        for (var i = 0; i < 3; i++)
        {
            session.Step(Feed(i), 0.1);
            Assert.Equal(session.Parameter("table").As<float>(), session.Evaluate()["vectors"].As<float>());
        }
    }

    [Fact]
    public void Rows_that_follow_one_another_are_copied_at_once()
    {
        using var session = Create(_folder.Path, _device.Options);
        var table = session.Parameter("table").As<float>();
        var copies = _device.Copies;
        session.SetRows("table", [3, 4, 5, 1, 0], TensorData.Of([.. Enumerable.Range(0, 15).Select(i => (float)i)], 5, 3));
        Assert.Equal(3, _device.Copies - copies); // rows 3 to 5, 1, 0
        Assert.Equal([12f, 13, 14, 9, 10, 11, .. table[6..9], 0, 1, 2, 3, 4, 5, 6, 7, 8], session.Parameter("table").As<float>());

        session.Step(Feed(1), 0.1); // rows 1 and 3
        var gradient = session.Gradient("table").As<float>();
        copies = _device.Copies;
        Assert.Equal([.. gradient[3..12], .. gradient[9..12], .. gradient[15..18]], session.Gradient("table", [1, 2, 3, 3, 5]).As<float>());
        Assert.Equal(3, _device.Copies - copies); // rows 1 to 3, 3, 5
        Assert.Contains(gradient[3..6], value => value != 0);
    }

    [Fact]
    public void A_device_whose_memory_is_full_is_named_with_the_bytes_that_were_wanted_and_the_option_that_limits_them()
    {
        Create(_folder.Path, _device.Options).Dispose();
        const int Table = 6 * 3 * sizeof(float); // the first tensor is the table, the second its first moment
        var full = new FakeDevice { Room = Table + sizeof(ulong) };
        var error = Assert.Throws<DeviceUnavailableException>(() => TrainingSession.Open(_folder.Path, full.Options));
        Assert.StartsWith($"device 'cpu' has no memory left for {Table} bytes of a training's tensors beside the {Table} that they take already; cuda.memoryLimit sets no limit", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<DeviceUnavailableException>(() => TrainingSession.Open(_folder.Path, full.Options with { Cuda = new() { MemoryLimit = 64 } }));
        Assert.EndsWith("cuda.memoryLimit lets each open graph take 64 MiB: raise it, or make the batch smaller", error.Message, StringComparison.Ordinal);
        Assert.True(full.IsDisposed);
    }

    [Fact]
    public void Clipping_takes_one_more_set_of_gradients_and_adding_batches_two()
    {
        const int Gradients = (6 * 3 + 3) * sizeof(float); // table and bias
        long[] more = [.. new int[][] { [0], [0, 1] }.Select((batches, n) =>
        {
            using var session = Create(_folder.PathOf($"{n}"), _device.Options);
            var taken = _device.Taken;
            session.Step([.. batches.Select(Feed)], 0.1);
            return _device.Taken - taken;
        })];
        Assert.InRange(more[0], Gradients, 2 * Gradients - 1); // with the batch, the factors and the rate
        Assert.InRange(more[1], 2 * Gradients, 3 * Gradients - 1);
    }

    // Six rows of three numbers, drawn toward those of a frozen table.
    private static TrainingSession Create(string folder, RuntimeOptions options)
    {
        var g = new Graph("rows");
        var rows = g.Input("rows", ElementType.Int64, ["batch"]);
        var table = g.Parameter("table", [6, 3], Initializers.Normal(1));
        var wanted = g.Parameter("frozen", TensorData.Of([.. Enumerable.Range(0, 18).Select(i => i / 9f)], 6, 3), trainable: false);
        var half = (table[rows] - wanted[rows]).ReduceSumSquare() / 2;
        g.Output("loss", half + (g.Parameter("bias", [3], Initializers.Normal(1)) * 3).ReduceSumSquare());
        g.Output("half", half);
        g.Output("other", table[rows].ReduceSumSquare());
        g.Output("vectors", table);
        var plan = new TrainingPlan
        {
            Parts = ["half"],
            OtherLosses = new Dictionary<string, IReadOnlyList<string>> { ["other"] = [] },
            Evaluation = ["vectors"],
            MaxGradientNorm = 2,
        };
        return TrainingSession.Create(folder, g, plan, new SeededRandom(1), options);
    }

    private static Batch Feed(int i) => new() { ["rows"] = TensorData.Of([i % 6L, (i + 2) % 6L]) };

    private static void AssertClose(TensorData expected, TensorData actual) =>
        Assert.All(expected.As<float>().Zip(actual.As<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
}
