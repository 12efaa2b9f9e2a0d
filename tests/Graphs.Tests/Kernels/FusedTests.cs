using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests.Kernels;

/// <summary>The library's own operators that take the place of standard ones give what those give, forward and backward.</summary>
public sealed class FusedTests
{
    private static readonly Dictionary<string, (string[] Operators, Func<Graph, Tensor> Write)> Cases = new(StringComparer.Ordinal)
    {
        ["quick gelu"] = (["QuickGelu", "QuickGeluGradient"], g => X(g, 3, 1700).QuickGelu()),
        // More than one chunk of elements, half of them negative.
        ["leaky relu"] = (["LeakyReluGradient"], g => X(g, 3, 6001).LeakyRelu(0.2f)),
        ["softmax"] = (["SoftmaxGradient"], g => X(g, 2, 3, 50, 37).Softmax()),
        // Blocks of queries, keys and widths of which the last ones are parts.
        ["attention"] = (["Attention", "AttentionGradient"], g => X(g, 2, 70, 3, 20).Attention(Parameter(g, "k", 2, 41, 3, 20), Parameter(g, "v", 2, 41, 3, 20))),
        ["attention with a bias for each key"] = (["Attention", "AttentionGradient"], g => X(g, 2, 33, 3, 64).Attention(Parameter(g, "k", 2, 25, 3, 64), Parameter(g, "v", 2, 25, 3, 64), Bias(g, 2, 1, 1, 25))),
        ["attention with a bias for each pair"] = (["Attention", "AttentionGradient", "SoftmaxGradient"], g => X(g, 2, 33, 3, 12).Attention(Parameter(g, "k", 2, 12, 3, 12), Parameter(g, "v", 2, 12, 3, 12), Parameter(g, "bias", 3, 33, 12))),
        ["attention with a bias for each query"] = (["Attention", "AttentionGradient"], g => X(g, 1, 5, 2, 8).Attention(Parameter(g, "k", 1, 7, 2, 8), Parameter(g, "v", 1, 7, 2, 8), Bias(g, 5, 1))),
        ["layer normalisation"] = (["LayerNormalizationGradient"], g => X(g, 5, 30, 67).LayerNormalization(Parameter(g, "scale", 67), Parameter(g, "bias", 67))),
        ["layer normalisation without a bias"] = (["LayerNormalizationGradient"], g => X(g, 200, 64).LayerNormalization(Parameter(g, "scale", 64))),
        // The inner dimension of a gradient is more than one block, and the last tiles are parts of tiles.
        ["large layer"] = (["GemmNN", "GemmNT", "GemmTN"], g => X(g, 800, 300).Linear(Parameter(g, "w", 270, 300), Parameter(g, "b", 270))),
        ["large layer of an activation, which is not kept"] = (["GemmNN", "QuickGeluGemmNT", "QuickGeluGemmTN", "QuickGeluGradient"], g => X(g, 2, 400, 300).QuickGelu().Linear(Parameter(g, "w", 270, 300), Parameter(g, "b", 270))),
        ["large layer without a bias, over a batch that may vary"] = (["GemmNN", "GemmNT", "GemmTN"], g => g.Input("x", ElementType.Float32, ["batch", 3, 256]).Linear(Parameter(g, "w", 290, 256))),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Values_and_gradients_equal_those_of_standard_operators(string name)
    {
        using var folder = new TemporaryFolder();
        var (operators, write) = Cases[name];
        var (g, random) = (new Graph("fused"), new SeededRandom(4));
        var y = write(g);
        var dy = g.Input("dy", ElementType.Float32, y.Shape);
        Tensor[] variables = [g.Inputs[0], .. g.Parameters.Select(p => p.Tensor)];
        var gradients = (y * dy).ReduceSum().Gradients(variables);
        g.Output("y", y);
        for (var i = 0; i < variables.Length; i++) g.Output($"{variables[i].Name}.gradient", gradients[i]);
        var model = GraphFile.ToModel(g, g.Outputs.Keys, ParametersAs.Inputs);
        Assert.Equal(operators, model.Functions.Select(f => f.Name));
        File.WriteAllBytes(folder.PathOf("model.onnx"), Google.Protobuf.MessageExtensions.ToByteArray(model));

        var batch = new Batch();
        foreach (var fed in variables.Append(dy)) batch[fed.Name] = Normal(fed.Shape, random);
        var (expected, actual) = (Run(kernels: false, threads: 2), Run(kernels: true, threads: 2));
        Assert.Equal(1 + variables.Length, expected.Count);
        foreach (var (output, values) in expected)
        {
            Assert.Equal(values.Shape, actual[output].Shape);
            var scale = values.As<float>().Max(Math.Abs);
            for (var i = 0; i < values.Values.Length; i++) Assert.Equal(values.As<float>()[i], actual[output].As<float>()[i], 1e-5f * scale);
        }
        for (var run = 0; run < 10; run++) // and the same bytes each time, whatever the threads
            foreach (var (output, values) in Run(kernels: true, threads: 1 + run % 3)) Assert.Equal(actual[output].As<float>(), values.As<float>());

        IReadOnlyDictionary<string, TensorData> Run(bool kernels, int threads)
        {
            using var bound = new BoundGraph(folder.PathOf("model.onnx"), new RuntimeOptions { Threads = threads, Kernels = kernels }, new HostMemory(), _ => null);
            return bound.RunAndCopy(0, batch);
        }
    }

    private static Tensor X(Graph g, params long[] shape) => g.Input("x", ElementType.Float32, new Shape([.. shape.Select(d => (Dim)d)]));

    private static Tensor Parameter(Graph g, string name, params long[] shape) => g.Parameter(name, new Shape([.. shape.Select(d => (Dim)d)]), Initializers.Zeros);

    // A constant: a sum over the axes that it lacks would depend on the threads, and one for each query has no gradient.
    private static Tensor Bias(Graph g, params long[] shape) => g.Constant(Normal(Shape.Of(shape), new SeededRandom(5)));

    private static TensorData Normal(Shape shape, SeededRandom random)
    {
        var data = TensorData.Zeros(ElementType.Float32, [.. shape.Select(d => d.IsFixed ? d.Value : 120)]);
        foreach (ref var value in data.As<float>().AsSpan()) value = (float)random.NextNormal();
        return data;
    }
}
