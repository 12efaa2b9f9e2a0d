using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Bench.Works;

namespace LmmRec.Graphs.Tests.Sparse;

public sealed class LightGcnTests
{
    private const int D = 64, Batch = 2048;
    private const double LearningRate = 1e-2;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hundred_losses_at_the_size_of_Amazon_Baby_equal_PyTorchs(bool kernels)
    {
        // fixtures/lightgcn-losses.py made them from the same formulas.
        var expected = JsonSerializer.Deserialize<double[]>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "lightgcn-losses.json")))!;
        var data = new Interactions(Beside.Data("amazon_baby_lattice/baby_lattice.inter"));
        var (losses, _) = Train(data, steps: expected.Length, new RuntimeOptions { Device = TestDevice.Name, Threads = 2, Kernels = kernels });
        for (var step = 0; step < expected.Length; step++) Assert.Equal(1, losses[step] / expected[step], 1e-5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Training_twice_with_two_threads_gives_the_same_bytes(bool kernels)
    {
        using var folder = new TemporaryFolder();
        var random = new SeededRandom(1);
        File.WriteAllLines(folder.PathOf("small.inter"), Enumerable.Range(0, 6000)
            .Select(_ => $"{random.NextInt32(700)}\t{random.NextInt32(1 + random.NextInt32(300))}\t0").Prepend("userID\titemID\tx_label"));
        var data = new Interactions(folder.PathOf("small.inter"));
        var options = new RuntimeOptions { Threads = 2, Kernels = kernels };
        var (losses, parameters) = Train(data, steps: 40, options);
        for (var run = 0; run < 3; run++)
        {
            var again = Train(data, steps: 40, options);
            Assert.Equal(losses, again.Losses);
            for (var p = 0; p < parameters.Length; p++) Assert.Equal(parameters[p], again.Parameters[p]);
        }
    }

    private static (float[] Losses, float[][] Parameters) Train(Interactions data, int steps, RuntimeOptions options)
    {
        using var folder = new TemporaryFolder();
        var (pattern, values) = data.Adjacency();
        TrainingArtifacts.Write(folder.Path, LightGcnGraph.Build(data.Users, data.Items, pattern, values, D), new TrainingPlan(), new SeededRandom(1));
        using var session = TrainingSession.Open(folder.Path, options);
        session.SetParameter("user_embedding", Waves(data.Users, 0));
        session.SetParameter("item_embedding", Waves(data.Items, 1));
        var losses = new float[steps];
        for (var step = 0; step < steps; step++) losses[step] = session.Step(BatchOf(data, step), LearningRate).Loss;
        return (losses, [session.Parameter("user_embedding").As<float>(), session.Parameter("item_embedding").As<float>()]);
    }

    private static TensorData Waves(int rows, double shift) =>
        TensorData.Of([.. Enumerable.Range(0, rows * D).Select(k => (float)(0.1 * Math.Sin(k * 0.7 + shift)))], rows, D);

    private static Batch BatchOf(Interactions data, long step)
    {
        var pairs = Enumerable.Range(0, Batch).Select(k => data.Pairs[(k * 7919L + step * 104729) % data.Pairs.Length]).ToList();
        return new Batch
        {
            ["users"] = TensorData.Of([.. pairs.Select(p => (long)p.User)]),
            ["positives"] = TensorData.Of([.. pairs.Select(p => (long)p.Item)]),
            ["negatives"] = TensorData.Of([.. Enumerable.Range(0, Batch).Select(k => (k * 15485863L + step * 32452843) % data.Items)]),
        };
    }
}
