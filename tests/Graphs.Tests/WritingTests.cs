using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class WritingTests
{
    [Fact]
    public void Shapes_that_do_not_fit_stop_at_once_with_operator_and_both_shapes()
    {
        var g = new Graph("wrong");
        var (a, b) = (g.Input("a", ElementType.Float32, ["batch", 64]), g.Parameter("b", [32, 8], Initializers.Zeros));
        using var scope = g.Scope("tower");
        var error = Assert.Throws<GraphException>(() => a.MatMul(b));
        Assert.Equal("MatMul 'tower/MatMul' of [batch, 64] and [32, 8]: the inner dimensions 64 and 32 differ", error.Message);
        Assert.Contains("[batch, 64] and [other]", Assert.Throws<GraphException>(() => a + g.Input("c", ElementType.Float32, ["other"])).Message, StringComparison.Ordinal);
        Assert.Contains("Float32 and Int64", Assert.Throws<GraphException>(() => a + g.Input("d", ElementType.Int64, ["batch", 64])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_of_another_graph_is_refused_with_both_graphs_named()
    {
        var (g, h) = (new Graph("one"), new Graph("two"));
        var (a, b) = (g.Input("a", ElementType.Float32, [3]), h.Input("b", ElementType.Float32, [3]));
        var error = Assert.Throws<GraphException>(() => a + b);
        Assert.Contains("graph 'one' is given 'b' of another graph, 'two'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Named_dimensions_are_calculated_with()
    {
        var g = new Graph("dims");
        var x = g.Input("x", ElementType.Float32, ["batch", "tokens", 8]);
        Assert.Equal([(Dim)"batch" * "tokens", 8], x.Reshape(g.Integers(-1, 8)).Shape);
        Assert.Equal(["batch", "tokens", 2, 4], x.Reshape(g.Integers(0, 0, 2, 4)).Shape);
        Assert.Equal([(Dim)"batch" * 2, "tokens", 8], g.Concat(x, x).Shape);
        Assert.Equal(["batch", (Dim)"tokens" + 1, 8], g.Concat(1, x, g.Input("cls", ElementType.Float32, ["batch", 1, 8])).Shape);
        Assert.Equal(["batch", (Dim)"tokens" - 1, 8], x.Slice(1, 1).Shape);
    }

    [Fact]
    public void Equal_nodes_are_written_once_and_dead_ones_not_at_all()
    {
        var g = new Graph("twice");
        var x = g.Input("x", ElementType.Float32, ["n"]);
        _ = x.Exp().Log();
        g.Output("y", (x.Tanh() + 1) * (x.Tanh() + 1));
        var model = GraphFile.ToModel(g, g.Outputs.Keys, ParametersAs.Initializers);
        Assert.Equal(["Tanh", "Add", "Mul"], model.Graph.Node.Select(n => n.OpType).Where(op => op != "Constant"));
    }

    [Fact]
    public void Weights_go_to_a_file_of_their_own_when_they_are_large()
    {
        using var folder = new TemporaryFolder();
        var g = new Graph("large");
        var table = g.Parameter("table", [1000, 8], Initializers.XavierUniform);
        g.Output("rows", table[g.Input("indices", ElementType.Int64, ["n"])]);
        Assert.Contains("parameter 'table'", Assert.Throws<GraphException>(() => g.Save(folder.PathOf("model.onnx"))).Message, StringComparison.Ordinal);
        g.Initialize(new SeededRandom(5));
        g.Save(folder.PathOf("inline.onnx"));
        g.Save(folder.PathOf("external.onnx"), maxInlineBytes: 1024);
        Assert.True(new FileInfo(folder.PathOf("external.onnx")).Length < 1024);
        Assert.Equal(32000, new FileInfo(folder.PathOf("external.onnx.data")).Length);

        var batch = new Batch { ["indices"] = TensorData.Of([3L, 999]) };
        using InferenceModel inline = InferenceModel.Open(folder.PathOf("inline.onnx")), external = InferenceModel.Open(folder.PathOf("external.onnx"));
        var rows = inline.Run(batch)["rows"].As<float>();
        Assert.Equal(g.Parameters[0].Value!.As<float>()[^8..], rows[8..]);
        Assert.Equal(rows, external.Run(batch)["rows"].As<float>());
        Assert.Equal([KeyValuePair.Create("external.onnx.data", 32000L)], OnnxFile.Read(folder.PathOf("external.onnx")).ExternalFiles);
        Assert.Empty(OnnxFile.Read(folder.PathOf("inline.onnx")).ExternalFiles);
    }

    [Fact]
    public void Only_the_outputs_that_are_asked_for_are_given()
    {
        var g = new Graph("two");
        var x = g.Input("x", ElementType.Float32, [1]);
        g.Output("more", x + 1);
        g.Output("less", x - 1);
        using var model = InferenceModel.Open(g);
        var batch = new Batch { ["x"] = TensorData.Of([3f]) };
        Assert.Equal(["more", "less"], model.Run(batch).Keys);
        Assert.Equal([2f], Assert.Single(model.Run(batch, ["less"])).Value.As<float>());
    }

    [Fact]
    public void An_operator_without_a_gradient_on_the_way_is_named_with_its_node()
    {
        var g = new Graph("stuck");
        var w = g.Parameter("w", [4], Initializers.Ones);
        using (g.Scope("head")) g.Output("loss", g.Add("ReduceProd", w * 2));
        var error = Assert.Throws<GraphException>(() => g.Outputs["loss"].Gradients([w]));
        Assert.Contains("'head/ReduceProd'", error.Message, StringComparison.Ordinal);
        Assert.Contains("has no gradient rule", error.Message, StringComparison.Ordinal);

        var unused = g.Parameter("unused", [4], Initializers.Ones);
        Assert.Contains("does not depend on 'unused'", Assert.Throws<GraphException>(() => w.ReduceSum().Gradients([unused])).Message, StringComparison.Ordinal);
        Assert.Contains("does not depend on 'w'", Assert.Throws<GraphException>(() => w.Greater(0).Cast(ElementType.Float32).ReduceSum().Gradients([w])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_with_instructions()
    {
        var g = new Graph("tiny");
        g.Output("y", g.Input("x", ElementType.Float32, [1]) + 1);
        var error = Assert.Throws<DeviceUnavailableException>(() => InferenceModel.Open(g, new RuntimeOptions { Device = "cuda:1" }));
        Assert.Contains("-p:Accelerator=cuda", error.Message, StringComparison.Ordinal);
        Assert.Contains("allowed: cpu, cuda", Assert.Throws<DeviceUnavailableException>(() => InferenceModel.Open(g, new RuntimeOptions { Device = "gpu" })).Message, StringComparison.Ordinal);
    }
}
