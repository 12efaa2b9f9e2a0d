using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests.Rewriting;

/// <summary>Graphs that are made of others compute the same.</summary>
public sealed class RewritingTests
{
    [Fact]
    public void An_inserted_graph_computes_on_the_values_that_it_is_given_and_shares_parameters()
    {
        var encoder = BlockTests.Encoder(names: true);
        var g = new Graph("twice");
        var (ids, mask) = (g.Input("a", ElementType.Int64, ["batch", "tokens"]), g.Input("mask", ElementType.Int64, ["batch", "tokens"]));
        var first = g.Insert(encoder, new Dictionary<string, Tensor> { ["ids"] = ids, ["mask"] = mask })["vector"];
        var second = g.Insert(encoder, new Dictionary<string, Tensor> { ["ids"] = g.Input("b", ElementType.Int64, ["batch", "tokens"]), ["mask"] = mask })["vector"];
        g.Output("scores", first.Gemm(second, transB: true));
        g.Output("vector", first);
        Assert.Equal(encoder.Parameters.Select(p => p.Name), g.Parameters.Select(p => p.Name));

        using InferenceModel alone = InferenceModel.Open(encoder), both = InferenceModel.Open(g);
        var texts = BlockTests.Texts;
        var other = TensorData.Of([2L, 7, 1, 8, 2, 8], 2, 3);
        var (x, y) = (alone.Run(texts)["vector"].As<float>(), alone.Run(new Batch { ["ids"] = other, ["mask"] = texts["mask"] })["vector"].As<float>());
        var results = both.Run(new Batch { ["a"] = texts["ids"], ["b"] = other, ["mask"] = texts["mask"] });
        Assert.Equal(x, results["vector"].As<float>());
        for (var i = 0; i < 2; i++)
            for (var j = 0; j < 2; j++) Assert.Equal(Enumerable.Range(0, 8).Sum(d => x[i * 8 + d] * y[j * 8 + d]), results["scores"].As<float>()[i * 2 + j], 1e-4);
    }

    [Fact]
    public void What_does_not_fit_together_is_not_inserted()
    {
        var encoder = BlockTests.Encoder(names: true);
        var g = new Graph("whole");
        var (ids, mask) = (g.Input("ids", ElementType.Int64, ["batch", "tokens"]), g.Input("seen", ElementType.Float32, ["batch", "tokens"]));
        Assert.Contains("without a value for its input 'mask'", Fails(new() { ["ids"] = ids }), StringComparison.Ordinal);
        Assert.Contains("has no input 'pixels'; it has: ids, mask", Fails(new() { ["pixels"] = ids }), StringComparison.Ordinal);
        Assert.Contains("input 'mask' of graph 'encoder' is Int64 [batch, tokens]; it cannot be 'seen', Float32 [batch, tokens]", Fails(new() { ["ids"] = ids, ["mask"] = mask }), StringComparison.Ordinal);
        g.Parameter("head", TensorData.Zeros(ElementType.Float32, 8, 8));
        Assert.Contains("has a parameter 'head' of Float32 [8, 8], and graph 'encoder' one of Float32 [8, 8] with other values", Fails(new() { ["ids"] = ids, ["mask"] = ids }), StringComparison.Ordinal);

        string Fails(Dictionary<string, Tensor> inputs) => Assert.Throws<GraphException>(() => g.Insert(encoder, inputs)).Message;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Blocks_that_are_recomputed_give_the_same_gradients_to_the_bit(bool names)
    {
        Graph plain = BlockTests.Encoder(names), recomputed = BlockTests.Encoder(names).RecomputedByBlock();
        Assert.True(Products(recomputed) > Products(plain)); // some of them are computed again
        var (expected, actual) = (Run(plain), Run(recomputed));
        Assert.Equal(plain.Parameters.Count + 2, expected.Count);
        foreach (var (name, value) in expected) Assert.Equal(value.As<float>(), actual[name].As<float>());

        static IReadOnlyDictionary<string, TensorData> Run(Graph graph)
        {
            using var model = InferenceModel.Open(graph);
            return model.Run(BlockTests.Texts);
        }

        static int Products(Graph graph)
        {
            var variables = graph.Parameters.Select(p => p.Tensor).ToList();
            foreach (var (gradient, variable) in graph.Output("loss", graph.Outputs["vector"].ReduceSumSquare()).Gradients(variables).Zip(variables)) graph.Output($"{variable.Name}.gradient", gradient);
            return GraphFile.ToModel(graph, graph.Outputs.Keys, ParametersAs.Initializers).Graph.Node.Count;
        }
    }

    [Theory]
    [Trait("Category", "Fixtures")]
    [MemberData(nameof(FolderGraphs.Files), MemberType = typeof(FolderGraphs))]
    public void Downloaded_encoders_give_the_same_in_another_graph_and_with_recomputed_blocks(string file)
    {
        var (path, graph) = FolderGraphs.Load(file);
        var batch = FolderGraphs.Feed(path, graph, new SeededRandom(3));
        var whole = new Graph("whole");
        var outputs = whole.Insert(graph.RecomputedByBlock(), graph.Inputs.ToDictionary(i => i.Name, i => whole.Input($"my {i.Name}", i.Type, i.Shape)));
        foreach (var (name, value) in outputs) whole.Output(name, value);
        Assert.Contains(whole.Nodes, n => n.Block is not null);
        using InferenceModel expected = InferenceModel.Open(path), actual = InferenceModel.Open(whole);
        var mine = new Batch();
        foreach (var (name, value) in batch) mine[$"my {name}"] = value;
        var (x, y) = (expected.Run(batch), actual.Run(mine));
        foreach (var name in graph.Outputs.Keys) Assert.All(x[name].ToFloats().Zip(y[name].ToFloats()), p => Assert.Equal(p.First, p.Second, 1e-5 * Math.Max(1, Math.Abs(p.First))));
    }

    [Fact]
    public void Weights_that_are_stored_in_16_bits_become_trainable_ones_of_32_and_change_no_bit()
    {
        var g = new Graph("narrow");
        var random = new SeededRandom(2);
        var table = g.Parameter("table", Narrow(10, 4));
        var mask = g.Parameter("mask", TensorData.Of([(Microsoft.ML.OnnxRuntime.Float16)float.NegativeInfinity, (Microsoft.ML.OnnxRuntime.Float16)0f]));
        var x = table[g.Input("ids", ElementType.Int64, ["batch"])].Cast(ElementType.Float32).MatMul(g.Parameter("w", Narrow(4, 2)).Cast(ElementType.Float32));
        g.Output("y", x + mask.Cast(ElementType.Float32));
        var wide = g.Widened();
        Assert.All(wide.Parameters, p => Assert.Equal((ElementType.Float32, p.Name != "mask"), (p.Tensor.Type, p.Trainable)));
        Assert.DoesNotContain(wide.Nodes, n => n.Operator.Name == "Cast");
        var batch = new Batch { ["ids"] = TensorData.Of([3L, 9]) };
        using InferenceModel before = InferenceModel.Open(g), after = InferenceModel.Open(wide);
        Assert.Equal(before.Run(batch)["y"].As<float>(), after.Run(batch)["y"].As<float>());

        TensorData Narrow(params long[] shape)
        {
            var values = new Microsoft.ML.OnnxRuntime.Float16[shape.Aggregate(1L, (a, b) => a * b)];
            foreach (ref var value in values.AsSpan()) value = (Microsoft.ML.OnnxRuntime.Float16)(float)random.NextNormal();
            return TensorData.Of(values, shape);
        }
    }

    [Fact]
    public void A_graph_that_computes_with_16_bits_is_not_widened()
    {
        var g = new Graph("narrow");
        var w = g.Parameter("w", TensorData.Of(new Microsoft.ML.OnnxRuntime.Float16[16], 4, 4));
        using (g.Scope("body")) g.Output("y", g.Input("x", ElementType.Float32, ["batch", 4]).Cast(ElementType.Float16).MatMul(w).Cast(ElementType.Float32));
        Assert.Contains("MatMul 'body/MatMul'", Assert.Throws<GraphException>(() => g.Widened()).Message, StringComparison.Ordinal);
    }
}
