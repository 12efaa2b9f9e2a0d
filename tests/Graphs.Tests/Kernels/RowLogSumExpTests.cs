using LmmRec.Artifacts;
using LmmRec.Graphs.Kernels;

namespace LmmRec.Graphs.Tests.Kernels;

public sealed class RowLogSumExpTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 7)]
    [InlineData(130, 33)]
    [InlineData(64, 2048)]
    public void Sums_and_gradients_equal_double_precision(int n, int c)
    {
        var random = new SeededRandom(n);
        var x = Enumerable.Range(0, n * c).Select(_ => (float)(random.NextNormal() * 30)).ToArray();
        var dy = Enumerable.Range(0, n).Select(_ => (float)random.NextNormal()).ToArray();
        using OneNode forward = new(new RowLogSumExpForward(), 1), backward = new(new RowLogSumExpBackward(), 3);
        var y = forward.Run((x, [n, c]))[0];
        var dx = backward.Run((x, [n, c]), (y, [n]), (dy, [n]))[0];
        for (var i = 0; i < n; i++)
        {
            var row = x.AsSpan(i * c, c).ToArray().Select(v => (double)v).ToArray();
            var expected = row.Max() + Math.Log(row.Sum(v => Math.Exp(v - row.Max())));
            Assert.Equal(expected, y[i], 2e-6 * Math.Max(1, Math.Abs(expected)));
            for (var j = 0; j < c; j++) Assert.Equal(dy[i] * Math.Exp(row[j] - y[i]), dx[i * c + j], 2e-6);
        }
    }

    [Fact]
    public void What_is_not_finite_shows()
    {
        using var forward = new OneNode(new RowLogSumExpForward(), 1);
        const float Inf = float.PositiveInfinity;
        float[] Row(float special) => [.. Enumerable.Range(0, 19).Select(j => j == 11 ? special : 1f)];
        Assert.Equal(float.NaN, forward.Run((Row(float.NaN), [1, 19]))[0][0]);
        Assert.Equal(Inf, forward.Run((Row(Inf), [1, 19]))[0][0]);
        Assert.Equal(1 + Math.Log(18), forward.Run((Row(-Inf), [1, 19]))[0][0], 1e-6);
        Assert.Equal(-Inf, forward.Run((new[] { -Inf, -Inf }, [1, 2]))[0][0]);
    }

    [Fact]
    public void Standard_operators_give_the_same()
    {
        var random = new SeededRandom(3);
        var g = new Graph("contrast");
        var w = g.Parameter("w", TensorData.Of([.. Enumerable.Range(0, 20 * 50).Select(_ => (float)random.NextNormal())], 20, 50)); // [20, 50]
        g.Output("loss", w.LogSumExp([1]).ReduceMean());
        using var folder = new TemporaryFolder();
        TrainingArtifacts.Write(folder.Path, g, new TrainingPlan(), random);
        using TrainingSession ours = TrainingSession.Open(folder.Path), standard = TrainingSession.Open(folder.Path, new RuntimeOptions { Kernels = false });
        Assert.Equal(standard.Step(new Batch(), 0.1).Loss, ours.Step(new Batch(), 0.1).Loss, 1e-5);
        Assert.All(standard.Gradient("w").As<float>().Zip(ours.Gradient("w").As<float>()), p => Assert.Equal(p.First, p.Second, 1e-7));
    }
}
