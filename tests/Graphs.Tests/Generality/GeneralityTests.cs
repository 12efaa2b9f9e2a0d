using System.Text.Json;
using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

/// <summary>Models of several kinds take the course that PyTorch's take: reference.py made the losses and the exported file.</summary>
public sealed class GeneralityTests
{
    private const int Steps = 50;

    public static TheoryData<bool> WithAndWithoutKernels => [true, false];

    [Theory, MemberData(nameof(WithAndWithoutKernels))]
    public void A_two_layer_perceptron_learns_as_in_PyTorch(bool kernels)
    {
        var g = new Graph("mlp");
        var x = g.Input("x", ElementType.Float32, ["batch", 8]);
        var (w1, b1) = (g.Parameter("w1", [16, 8], Initializers.Zeros), g.Parameter("b1", [16], Initializers.Zeros));
        var (w2, b2) = (g.Parameter("w2", [3, 16], Initializers.Zeros), g.Parameter("b2", [3], Initializers.Zeros));
        Formula.Fill(g, isScale: _ => false);
        CrossEntropy(x.Linear(w1, b1).Relu().Linear(w2, b2)); // [batch, 3]
        Compare("mlp", g, new TrainingPlan { Schedule = new ConstantSchedule(0.01) }, kernels,
            s => new Batch { ["x"] = Formula.Wave(s, 1, 12, 8), ["labels"] = Formula.Cycle(s, 3, 12) });
    }

    [Theory, MemberData(nameof(WithAndWithoutKernels))]
    public void A_small_convolutional_net_learns_as_in_PyTorch(bool kernels)
    {
        var g = new Graph("convolutional");
        var x = g.Input("x", ElementType.Float32, ["batch", 2, 8, 8]);
        Tensor Parameter(string name, Shape shape) => g.Parameter(name, shape, Initializers.Zeros);
        var (w1, b1, w2, b2) = (Parameter("first.w", [4, 2, 3, 3]), Parameter("first.b", [4]), Parameter("second.w", [6, 4, 3, 3]), Parameter("second.b", [6]));
        var (head, bias) = (Parameter("head.w", [3, 6]), Parameter("head.b", [3]));
        Formula.Fill(g, isScale: _ => false);
        var hidden = x.Conv(w1, b1, padding: 1).Relu().MaxPool(2, 2); // [batch, 4, 4, 4]
        CrossEntropy(hidden.Conv(w2, b2, stride: 2, padding: 1).Tanh().ReduceMean([2, 3]).Linear(head, bias)); // [batch, 3]
        Compare("convolutional", g, new TrainingPlan { Schedule = new ConstantSchedule(0.01), Optimizer = new Adam { WeightDecay = 0.1, Decoupled = true } }, kernels,
            s => new Batch { ["x"] = Formula.Wave(s, 1, 6, 2, 8, 8), ["labels"] = Formula.Cycle(s, 3, 6) });
    }

    [Theory, MemberData(nameof(WithAndWithoutKernels))]
    public void A_small_transformer_learns_as_in_PyTorch_with_decay_clipping_and_warm_up(bool kernels)
    {
        var g = new Graph("transformer");
        var ids = g.Input("x", ElementType.Int64, ["batch", 5]);
        var (tokens, places) = (g.Parameter("tokens", [11, 8], Initializers.Zeros), g.Parameter("places", [5, 8], Initializers.Zeros));
        var blocks = new[] { "block_0", "block_1" }.Select(name => new TransformerBlock(g, name, width: 8, heads: 2)).ToList();
        var (head, bias) = (g.Parameter("head.w", [11, 8], Initializers.Zeros), g.Parameter("head.b", [11], Initializers.Zeros));
        Formula.Fill(g, isScale: name => name.EndsWith("scale", StringComparison.Ordinal));
        var x = tokens[ids] + places; // [batch, 5, 8]
        foreach (var block in blocks) x = block.Apply(x);
        CrossEntropy(x.Linear(head, bias).Reshape(g.Integers(-1, 11))); // [batch·5, 11]
        var plan = new TrainingPlan { Schedule = new CosineSchedule(0.02, Steps, WarmUpSteps: 5), Optimizer = new Adam { WeightDecay = 0.01 }, MaxGradientNorm = 0.5 };
        Compare("transformer", g, plan, kernels, s => new Batch { ["x"] = Formula.Cycle(s, 11, 4, 5), ["labels"] = Formula.Cycle(s + 1, 11, 20) });
    }

    [Theory, MemberData(nameof(WithAndWithoutKernels))]
    public void A_file_that_PyTorch_exported_learns_as_in_PyTorch(bool kernels)
    {
        var g = Graph.Load(Path.Combine(AppContext.BaseDirectory, "Generality", "exported.onnx"));
        CrossEntropy(g.Outputs["logits"]);
        Compare("exported", g, new TrainingPlan { Schedule = new ConstantSchedule(0.01) }, kernels,
            s => new Batch { ["image"] = Formula.Wave(s, 1, 5, 3, 6, 6), ["labels"] = Formula.Cycle(s, 4, 5) });
    }

    private static void CrossEntropy(Tensor logits)
    {
        var g = logits.Graph;
        var labels = g.Input("labels", ElementType.Int64, [logits.Shape[0]]);
        g.Output("loss", -logits.LogSoftmax().GatherElements(labels.Unsqueeze(1), axis: 1).ReduceMean());
    }

    private static void Compare(string name, Graph g, TrainingPlan plan, bool kernels, Func<int, Batch> batch)
    {
        using var folder = new TemporaryFolder();
        TrainingArtifacts.Write(folder.Path, g, plan, new SeededRandom(0));
        using var session = TrainingSession.Open(folder.Path, new RuntimeOptions { Threads = 2, Kernels = kernels });
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Generality", "losses.json"));
        var expected = JsonSerializer.Deserialize<Dictionary<string, double[]>>(file)![name];
        Assert.Equal(Steps, expected.Length);
        for (var step = 0; step < Steps; step++)
        {
            var loss = session.Step(batch(step)).Loss;
            Assert.True(Math.Abs(loss - expected[step]) < 1e-4, $"step {step}: {loss} against PyTorch's {expected[step]}");
        }
    }
}
