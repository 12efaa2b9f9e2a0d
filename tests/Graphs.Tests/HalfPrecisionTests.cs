using System.Numerics.Tensors;
using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class HalfPrecisionTests
{
    private const int Tokens = 6, Width = 64;

    [Fact]
    public void A_transformer_block_keeps_sums_over_rows_in_32_bits_and_stays_close()
    {
        var graph = Block();
        var rewritten = HalfPrecision.Rewrite(graph);
        Assert.All(Nodes(rewritten, "MatMul", "Gemm", "Conv", "Sigmoid"), node => Assert.Equal(ElementType.Float16, node.Y.Type));
        Assert.All(Nodes(rewritten, "Softmax", "LayerNormalization", "ReduceMean", "ReduceL2"), node => Assert.Equal(ElementType.Float32, node.Y.Type));
        Assert.Equal(7, Nodes(rewritten, "MatMul", "Gemm", "Conv").Count); // a convolution, four layers, two products of attention
        var batch = Batch(3);
        var (exact, close) = (Run(graph, batch), Run(rewritten, batch));
        Assert.InRange(1 - Cosine(exact, close), 1e-12, 1e-5);
    }

    /// <summary>CLIP takes the vector of the largest id's token: of 49406 and 49407, which begin and end a text, 16 bits make one number.</summary>
    [Fact]
    public void The_token_with_the_largest_id_is_found_though_16_bits_cannot_tell_ids_apart()
    {
        Assert.Equal((Half)49406, (Half)49407);
        var graph = new Graph("text");
        var ids = graph.Input("ids", ElementType.Int64, ["batch", Tokens]);
        var x = graph.Parameter("table", Normal(1, 49408, Width))[ids].MatMul(graph.Parameter("w", Normal(2, Width, Width)));
        var end = ids.Cast(ElementType.Float32).ArgMax(1, keepDims: true).Unsqueeze(2);
        graph.Output("y", x.GatherElements(end.Expand(x.Slice(1, 0, 1).ShapeTensor()), 1).Squeeze(1));
        var batch = new Batch { ["ids"] = TensorData.Of([49406L, 5, 49407, 0, 0, 0, 49406, 7, 8, 9, 49407, 0], 2, Tokens) };
        Assert.InRange(1 - Cosine(Run(graph, batch), Run(HalfPrecision.Rewrite(graph), batch)), 0, 1e-6);
    }

    [Fact]
    public void Products_of_positions_and_numbers_too_large_for_16_bits_stay_in_32()
    {
        var graph = new Graph("large");
        var positions = graph.Input("positions", ElementType.Float32, ["batch", 1]);
        var angles = positions.MatMul(graph.Constant(TensorData.Of([1f, 0.1f], 1, 2))); // of a rotary embedding
        var x = graph.Input("x", ElementType.Float32, ["batch", Width]);
        var large = graph.Parameter("large", TensorData.Of(Enumerable.Repeat(1e5f, Width * 2).ToArray(), Width, 2));
        graph.Output("y", angles + x.MatMul(large) + x.MatMul(graph.Parameter("small", Normal(3, Width, 2))));
        var rewritten = HalfPrecision.Rewrite(graph);
        Assert.Equal([ElementType.Float32, ElementType.Float32, ElementType.Float16], Nodes(rewritten, "MatMul").Select(node => node.Y.Type));
        var batch = new Batch { ["positions"] = TensorData.Of([8191f], 1, 1), ["x"] = TensorData.Zeros(ElementType.Float32, 1, Width) };
        Assert.Equal(Run(graph, batch), Run(rewritten, batch));
    }

    [Fact]
    public void A_square_of_an_activation_does_not_overflow()
    {
        var graph = new Graph("gelu");
        var x = graph.Input("x", ElementType.Float32, ["batch", Width]).MatMul(graph.Parameter("w", TensorData.Of(Enumerable.Range(0, Width * Width).Select(i => i / Width == i % Width ? 1f : 0).ToArray(), Width, Width)));
        graph.Output("y", x * ((x + x * x * x * 0.044715) * 0.7978846).Tanh());
        var batch = new Batch { ["x"] = TensorData.Of(Enumerable.Repeat(300f, Width).ToArray(), 1, Width) };
        Assert.All(Run(HalfPrecision.Rewrite(graph), batch), y => Assert.Equal(300, y));
    }

    [Fact]
    public void A_file_in_16_bits_takes_and_gives_32_and_has_half_the_weights()
    {
        using var folder = new TemporaryFolder();
        var rewritten = HalfPrecision.Rewrite(Block());
        rewritten.Save(folder.PathOf("half.onnx"));
        Block().Save(folder.PathOf("full.onnx"));
        Assert.InRange((double)new FileInfo(folder.PathOf("half.onnx")).Length / new FileInfo(folder.PathOf("full.onnx")).Length, 0.45, 0.65);
        using var model = InferenceModel.Open(folder.PathOf("half.onnx"));
        Assert.Equal(ElementType.Float32, model.Input("pixels").Type);
        Assert.Equal(Run(rewritten, Batch(2)), model.Run(Batch(2))["y"].As<float>());
    }

    [Fact]
    public void A_graph_without_a_product_is_refused()
    {
        var graph = new Graph("sum");
        graph.Output("y", graph.Input("x", ElementType.Float32, [2]) + 1);
        Assert.Contains("nothing to compute in 16 bits", Assert.Throws<GraphException>(() => HalfPrecision.Rewrite(graph)).Message, StringComparison.Ordinal);
    }

    // Patches, a block of attention and a dense layer, the mean over tokens brought to length 1.
    private static Graph Block()
    {
        var g = new Graph("block");
        var grid = g.Input("pixels", ElementType.Float32, ["batch", 3, 16, 24]).Conv(g.Parameter("patch", Normal(4, Width, 3, 8, 8)), stride: 8);
        var x = grid.Reshape([grid.Shape[0], Width, Tokens]).Transpose(0, 2, 1) + g.Parameter("positions", Normal(5, Tokens, Width));
        var qkv = Linear(Norm(x, "ln1"), "qkv", 3 * Width).Split(2, Width, Width, Width).Select(part => part.Reshape([x.Shape[0], Tokens, 2, Width / 2])).ToArray();
        x += Linear(qkv[0].Attention(qkv[1], qkv[2]).Reshape(x.Shape), "out", Width);
        x += Linear(Linear(Norm(x, "ln2"), "fc", 4 * Width).QuickGelu(), "proj", Width);
        var pooled = x.ReduceMean([1]);
        g.Output("y", pooled / (pooled * pooled).ReduceSum([1], keepDims: true).Sqrt());
        return g;

        Tensor Linear(Tensor from, string name, int width) =>
            from.Linear(g.Parameter($"{name}.weight", Normal(name.Length, width, from.Shape[^1].Value)), g.Parameter($"{name}.bias", Normal(7, width)));
        Tensor Norm(Tensor from, string name) => from.LayerNormalization(g.Parameter($"{name}.weight", Normal(8, Width)), g.Parameter($"{name}.bias", Normal(9, Width)), 1e-5f);
    }

    private static Batch Batch(int rows) => new() { ["pixels"] = Normal(10, rows, 3, 16, 24) };

    private static List<Node> Nodes(Graph graph, params string[] names)
    {
        using var folder = new TemporaryFolder();
        graph.Save(folder.PathOf("graph.onnx"));
        return [.. Graph.Load(folder.PathOf("graph.onnx")).Nodes.Where(node => names.Contains(node.Operator.Name))];
    }

    private static float[] Run(Graph graph, Batch batch)
    {
        using var model = InferenceModel.Open(graph);
        return model.Run(batch)["y"].As<float>();
    }

    private static double Cosine(float[] a, float[] b) =>
        TensorPrimitives.Dot<double>(Array.ConvertAll(a, x => (double)x), Array.ConvertAll(b, x => (double)x))
        / (TensorPrimitives.Norm<double>(Array.ConvertAll(a, x => (double)x)) * TensorPrimitives.Norm<double>(Array.ConvertAll(b, x => (double)x)));

    private static TensorData Normal(int seed, params long[] shape)
    {
        var random = new SeededRandom(seed);
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(random.NextNormal() / Math.Sqrt(Width));
        return TensorData.Of(values, shape);
    }
}
