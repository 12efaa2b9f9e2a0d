using System.Numerics.Tensors;
using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class EightBitTests
{
    private const int Width = 96, Hidden = 160;

    private static readonly Dictionary<string, Func<Graph, Tensor, Tensor, Tensor, Tensor>> Forms = new(StringComparer.Ordinal)
    {
        ["x W"] = (_, x, w, _) => x.MatMul(w),
        ["x W + b"] = (_, x, w, b) => x.MatMul(w) + b,
        ["b + x W"] = (_, x, w, b) => b + x.MatMul(w),
        ["a matrix turned round"] = (g, x, w, b) => x.MatMul(g.Parameter("turned", Turned(w, g)).Transpose(1, 0)) + b,
        ["Gemm"] = (_, x, w, b) => x.Flatten(2).Gemm(w, b),
        ["a layer as PyTorch stores it"] = (g, x, w, b) => x.Linear(g.Parameter("turned", Turned(w, g)), b),
    };

    public static TheoryData<string> FormNames => [.. Forms.Keys];

    [Theory, MemberData(nameof(FormNames))]
    public void Every_form_of_a_linear_layer_computes_with_integers_and_stays_close(string form)
    {
        var graph = new Graph("layer");
        var x = graph.Input("x", ElementType.Float32, ["batch", 5, Width]);
        var (w, b) = (graph.Parameter("w", Normal(new SeededRandom(1), Width, Hidden)), graph.Parameter("b", Normal(new SeededRandom(2), Hidden)));
        graph.Output("y", Forms[form](graph, x, w, b));

        var rewritten = EightBit.Rewrite(graph);
        Assert.Single(Written(rewritten), name => name == "MatMulInteger");
        Assert.DoesNotContain(Written(rewritten), name => name is "MatMul" or "Gemm" or "Add");
        var batch = Samples(1)[0];
        var (exact, close) = (Run(graph, batch)["y"], Run(rewritten, batch)["y"]);
        Assert.Equal(exact.Shape, close.Shape);
        Assert.InRange(TensorPrimitives.CosineSimilarity<float>(exact.As<float>(), close.As<float>()), 0.9998f, 0.9999999f);
    }

    [Fact]
    public void A_row_is_the_same_bytes_whatever_its_neighbours_its_place_and_the_threads()
    {
        var rewritten = EightBit.Rewrite(Perceptron());
        var together = Samples(1)[0];
        var values = together["x"].As<float>();
        var rows = values.Length / Width;
        var y = Run(rewritten, together)["y"].As<float>();
        for (var threads = 1; threads <= 3; threads++)
            for (var row = 0; row < rows; row++)
            {
                var alone = new Batch { ["x"] = TensorData.Of([.. values.AsSpan(row * Width, Width), .. values.AsSpan(0, Width), .. new float[3 * Width]], 1, 5, Width) };
                Assert.Equal(y.AsSpan(row * Width, Width).ToArray(), Run(rewritten, alone, new RuntimeOptions { Threads = threads })["y"].As<float>()[..Width]);
            }
    }

    [Fact]
    public void The_kernels_and_the_functions_of_a_file_give_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        EightBit.Rewrite(Perceptron(), Samples(2)).Save(folder.PathOf("model.onnx"));
        var batch = Samples(1)[0];
        // Rows of zeros, of one value, of one sign, and the smallest numbers.
        var x = batch["x"].As<float>();
        x.AsSpan(0, Width).Clear();
        x.AsSpan(Width, Width).Fill(-0.3f);
        TensorPrimitives.Abs(x.AsSpan(2 * Width, Width), x.AsSpan(2 * Width, Width));
        x.AsSpan(3 * Width, Width).Fill(float.Epsilon);
        Assert.Equal(Run(true), Run(false));

        float[] Run(bool kernels)
        {
            using var model = InferenceModel.Open(folder.PathOf("model.onnx"), new RuntimeOptions { Kernels = kernels });
            return model.Run(batch)["y"].As<float>();
        }
    }

    [Fact]
    public void Samples_make_it_closer_where_some_columns_of_an_activation_are_much_larger_than_others()
    {
        var graph = Perceptron();
        var batch = Samples(1, first: 100)[0];
        var exact = Run(graph, batch)["y"].As<float>();
        Assert.InRange(Error(EightBit.Rewrite(graph, Samples(8))), 0, 0.5 * Error(EightBit.Rewrite(graph)));

        double Error(Graph rewritten) => TensorPrimitives.Distance<float>(Run(rewritten, batch)["y"].As<float>(), exact) / TensorPrimitives.Norm<float>(exact);
    }

    [Fact]
    public void The_same_graph_and_samples_give_the_same_file()
    {
        using var folder = new TemporaryFolder();
        EightBit.Rewrite(Perceptron(), Samples(2)).Save(folder.PathOf("a.onnx"));
        EightBit.Rewrite(Perceptron(), Samples(2)).Save(folder.PathOf("b.onnx"));
        Assert.Equal(File.ReadAllBytes(folder.PathOf("a.onnx")), File.ReadAllBytes(folder.PathOf("b.onnx")));
    }

    [Fact]
    public void A_file_in_8_bits_is_read_again_and_computes_the_same()
    {
        using var folder = new TemporaryFolder();
        var rewritten = EightBit.Rewrite(Perceptron());
        rewritten.Save(folder.PathOf("model.onnx"));
        Assert.True(new FileInfo(folder.PathOf("model.onnx")).Length < 2 * Width * Hidden * 1.3);
        var batch = Samples(1)[0];
        Assert.Equal(Run(rewritten, batch)["y"].As<float>(), Run(Graph.Load(folder.PathOf("model.onnx")), batch)["y"].As<float>());
    }

    [Fact]
    public void A_file_whose_large_layers_are_the_librarys_own_operators_is_rewritten_too()
    {
        using var folder = new TemporaryFolder();
        var graph = new Graph("large");
        graph.Output("y", graph.Input("x", ElementType.Float32, ["batch", 256]).Linear(graph.Parameter("w", Normal(new SeededRandom(6), 256, 256)), graph.Parameter("b", Normal(new SeededRandom(7), 256))));
        Assert.Equal(["GemmNT"], Written(graph));
        graph.Save(folder.PathOf("model.onnx"));
        var batch = new Batch { ["x"] = Normal(new SeededRandom(8), 4, 256) };
        Assert.Equal(Run(EightBit.Rewrite(graph), batch)["y"].As<float>(), Run(EightBit.Rewrite(Graph.Load(folder.PathOf("model.onnx"))), batch)["y"].As<float>());
    }

    [Fact]
    public void What_is_no_linear_layer_stays_as_it_is()
    {
        var graph = Perceptron();
        var y = graph.Outputs["y"];
        graph.Output("between activations", y.MatMul(y.TransposeLast()));
        graph.Output("few columns", y.MatMul(graph.Parameter("few", Normal(new SeededRandom(8), Width, 3))));
        graph.Output("scaled", y.Flatten(2).Gemm(graph.Parameter("scaled_weight", Normal(new SeededRandom(9), Width, 64)), alpha: 2));
        Assert.Equal(2, Written(EightBit.Rewrite(graph)).Count(name => name == "MatMulInteger"));
        Assert.Equal(graph.Outputs.Keys, EightBit.Rewrite(graph).Outputs.Keys);
    }

    [Fact]
    public void A_graph_without_a_linear_layer_or_without_weights_and_samples_that_are_none_are_refused()
    {
        var none = new Graph("none");
        none.Output("y", none.Input("x", ElementType.Float32, ["n", 64]).Relu());
        Assert.Contains("'none'", Assert.Throws<GraphException>(() => EightBit.Rewrite(none)).Message);

        var empty = new Graph("empty");
        empty.Output("y", empty.Input("x", ElementType.Float32, ["n", 64]).Linear(empty.Parameter("w", [64, 64], Initializers.Normal(1))));
        Assert.Contains("'w'", Assert.Throws<GraphException>(() => EightBit.Rewrite(empty)).Message);
        Assert.Contains("samples", Assert.Throws<GraphException>(() => EightBit.Rewrite(Perceptron(), [])).Message);
    }

    // Two layers whose activations have a column 40 times as large as the others.
    private static Graph Perceptron()
    {
        var graph = new Graph("perceptron");
        var random = new SeededRandom(3);
        var x = graph.Input("x", ElementType.Float32, ["batch", 5, Width]);
        var hidden = x.Linear(graph.Parameter("w1", Normal(random, Hidden, Width)), graph.Parameter("b1", Normal(random, Hidden))).Gelu();
        graph.Output("y", hidden.Linear(graph.Parameter("w2", Normal(random, Width, Hidden))));
        return graph;
    }

    private static Batch[] Samples(int count, int first = 0) => [.. Enumerable.Range(first, count).Select(i =>
    {
        var x = Normal(new SeededRandom(50 + i), 6, 5, Width);
        for (var row = 0; row < 30; row++) x.As<float>()[row * Width + 7] *= 40;
        return new Batch { ["x"] = x };
    })];

    private static IReadOnlyList<string> Written(Graph graph) =>
        [.. GraphFile.ToModel(graph, graph.Outputs.Keys, ParametersAs.Initializers).Graph.Node.Select(n => n.OpType)];

    private static IReadOnlyDictionary<string, TensorData> Run(Graph graph, Batch batch, RuntimeOptions? options = null)
    {
        using var model = InferenceModel.Open(graph, options);
        return model.Run(batch);
    }

    private static TensorData Turned(Tensor w, Graph g)
    {
        var values = g.Parameters.Single(p => p.Tensor == w).Value!.As<float>();
        return TensorData.Of([.. from o in Enumerable.Range(0, Hidden) from i in Enumerable.Range(0, Width) select values[i * Hidden + o]], Hidden, Width);
    }

    private static TensorData Normal(SeededRandom random, params long[] shape)
    {
        var data = TensorData.Zeros(ElementType.Float32, shape);
        foreach (ref var value in data.As<float>().AsSpan()) value = (float)random.NextNormal();
        return data;
    }
}
