using Google.Protobuf;
using LmmRec.Artifacts;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs.Tests;

public sealed class ReadingTests
{
    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(16)]
    public void A_graph_that_was_saved_and_loaded_computes_the_same_and_can_be_saved_again(long maxInlineBytes)
    {
        using var folder = new TemporaryFolder();
        var g = new Graph("tower");
        var x = g.Input("x", ElementType.Float32, ["batch", 4]);
        using (g.Scope("layer"))
        {
            x = x.Linear(g.Parameter("w", [3, 4], Initializers.XavierUniform), g.Parameter("b", [3], Initializers.Uniform(1))).LayerNormalization(g.Parameter("s", [3], Initializers.Ones));
        }
        g.Output("y", x.Softmax().RowScatter(g.Input("rows", ElementType.Int64, ["batch"]), g.Integers(6))); // an own operator, so a function
        g.Initialize(new SeededRandom(11));
        g.Save(folder.PathOf("one.onnx"), maxInlineBytes: maxInlineBytes);
        var loaded = Graph.Load(folder.PathOf("one.onnx"));
        Assert.Equal(["w", "b", "s"], loaded.Parameters.Select(p => p.Name));
        Assert.Contains(loaded.Nodes, n => n is { Name: "layer/LayerNormalization", OutputCount: 3 });
        loaded.Save(folder.PathOf("two.onnx"), maxInlineBytes: maxInlineBytes);

        var batch = new Batch { ["x"] = Formula.Wave(1, 1, 2, 4), ["rows"] = TensorData.Of([5L, 5]) };
        using InferenceModel one = InferenceModel.Open(folder.PathOf("one.onnx")), two = InferenceModel.Open(folder.PathOf("two.onnx"));
        Assert.Equal(one.Run(batch)["y"].As<float>(), two.Run(batch)["y"].As<float>());
        Assert.Equal(1f, one.Run(batch)["y"].As<float>()[15..].Sum() / 2, 1e-6);
        Assert.Equal(Graph.Load(folder.PathOf("two.onnx")).Nodes.Select(n => n.Name), loaded.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void Functions_are_written_out_with_the_attributes_of_the_call()
    {
        using var folder = new TemporaryFolder();
        var model = Model([Node("Leak", "call", ["x"], ["y"], "mine")]);
        model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "slope", Type = AttributeProto.Types.AttributeType.Float, F = 0.25f });
        var function = new FunctionProto { Name = "Leak", Domain = "mine", Input = { "a" }, Output = { "b" }, Attribute = { "slope" }, Node = { Node("LeakyRelu", "inner", ["a"], ["b"]) } };
        function.Node[0].Attribute.Add(new AttributeProto { Name = "alpha", Type = AttributeProto.Types.AttributeType.Float, RefAttrName = "slope" });
        function.OpsetImport.Add(new OperatorSetIdProto { Version = 21 });
        model.Functions.Add(function);
        var g = Load(folder, model);
        Assert.Equal("call/inner", Assert.Single(g.Nodes, n => n.Operator.Name == "LeakyRelu").Name);
        using var inference = InferenceModel.Open(g);
        Assert.Equal([-0.5f, 3], inference.Run(new Batch { ["x"] = TensorData.Of([-2f, 3]) })["y"].As<float>());
    }

    [Fact]
    public void Masks_and_statistics_of_a_loaded_file_are_not_trained()
    {
        using var folder = new TemporaryFolder();
        var model = Model([Node("Mul", "scale", ["x", "w"], ["h"]), Node("Add", "mask", ["h", "m"], ["y"])]);
        foreach (var (name, value) in new[] { ("w", 2f), ("m", float.NegativeInfinity) })
            model.Graph.Initializer.Add(new TensorProto { Name = name, DataType = 1, Dims = { 1 }, FloatData = { value } });
        Assert.Equal([true, false], Load(folder, model).Parameters.Select(p => p.Trainable));
    }

    [Fact]
    public void Shapes_that_a_file_computes_are_followed_through_its_nodes()
    {
        var g = new Graph("computed");
        var x = g.Input("x", ElementType.Float32, ["batch", 3, 4]);
        // PyTorch's way to reverse pairs of pads: as a matrix, sliced backwards, turned, flattened.
        var pads = g.Integers(1, 2, 0, 3).Reshape(g.Integers(2, 2)).Slice(0, -1, long.MinValue, -1).Transpose(1, 0).Reshape(g.Integers(-1));
        Assert.Equal([(Dim)0, 1, 3, 2], pads.Inferred.Contents!);
        var sizes = x.ShapeTensor();
        Assert.Equal(["batch", 12], x.Reshape(g.Concat(sizes.Gather(g.Integers(0)), g.Integers(-1))).Shape);
        Assert.Equal(["batch", (Dim)"batch" * 4, 3], g.Input("t", ElementType.Float32, [1, 1, 3]).Expand(g.Concat(sizes.Slice(0, 0, 1), sizes.Slice(0, 0, 1) * g.Integers(4), g.Integers(3))).Shape);
    }

    [Fact]
    public void A_named_size_that_can_have_one_value_only_is_said_when_the_file_is_loaded()
    {
        using var folder = new TemporaryFolder();
        var model = Model([Node("Add", "places", ["x", "table"], ["y"])]);
        model.Graph.Initializer.Add(new TensorProto { Name = "table", DataType = 1, Dims = { 3 }, FloatData = { 1, 2, 3 } });
        File.WriteAllBytes(folder.PathOf("model.onnx"), model.ToByteArray());
        Assert.Throws<GraphException>(() => Graph.Load(folder.PathOf("model.onnx")));
        var g = Graph.Load(folder.PathOf("model.onnx"), new Dictionary<string, long> { ["n"] = 3, ["unheard-of"] = 5 });
        Assert.Equal([3], g.Outputs["y"].Shape);
    }

    [Fact]
    public void Nodes_may_come_in_any_order()
    {
        using var folder = new TemporaryFolder();
        var g = Load(folder, Model([Node("Exp", "last", ["h"], ["y"]), Node("Neg", "first", ["x"], ["h"])]));
        Assert.Equal(["Neg", "Exp"], g.Nodes.Select(n => n.Operator.Name).Take(2));
    }

    [Fact]
    public void What_is_wrong_with_a_file_is_said_with_file_and_node()
    {
        using var folder = new TemporaryFolder();
        Fails("node 'odd' is of operator mine.Fancy, which is not known here", Model([Node("Fancy", "odd", ["x"], ["y"], "mine")]));
        Fails("'reader' reads 'nothing', which no input, initialiser or node gives", Model([Node("Add", "reader", ["x", "nothing"], ["y"])]));
        Fails("depends on its own output: the graph has a cycle", Model([Node("Neg", "a", ["c"], ["b"]), Node("Neg", "b", ["b"], ["c"]), Node("Add", "sum", ["x", "c"], ["y"])]));
        Fails("'y', an output of node 'second', is given twice", Model([Node("Neg", "first", ["x"], ["y"]), Node("Exp", "second", ["x"], ["y"])]));
        Fails("MatMul 'product' of [n] and [n]", Model([Node("MatMul", "product", ["x", "x"], ["y"])]));
        Fails("model.onnx': MatMul 'product'", Model([Node("MatMul", "product", ["x", "x"], ["y"])]));
        Fails("where a named size can have one value only, say it when the file is loaded", Model([Node("MatMul", "product", ["x", "x"], ["y"])]));
        Fails("uses opset 3", Model([Node("Neg", "a", ["x"], ["y"])], opset: 3));
        var outside = Model([Node("Neg", "a", ["x"], ["y"])]);
        outside.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 2 }, DataLocation = TensorProto.Types.DataLocation.External, ExternalData = { new StringStringEntryProto { Key = "location", Value = "../secret" } } });
        Fails("outside the model's folder", outside);
        File.WriteAllBytes(folder.PathOf("cut.onnx"), Model([Node("Neg", "a", ["x"], ["y"])]).ToByteArray()[..^7]);
        Assert.Contains("cut.onnx", Assert.Throws<GraphException>(() => Graph.Load(folder.PathOf("cut.onnx"))).Message, StringComparison.Ordinal);

        void Fails(string message, ModelProto model) => Assert.Contains(message, Assert.Throws<GraphException>(() => Load(folder, model)).Message, StringComparison.Ordinal);
    }

    private static Graph Load(TemporaryFolder folder, ModelProto model)
    {
        File.WriteAllBytes(folder.PathOf("model.onnx"), model.ToByteArray());
        return Graph.Load(folder.PathOf("model.onnx"));
    }

    private static ModelProto Model(NodeProto[] nodes, long opset = 21) => new()
    {
        IrVersion = 10,
        OpsetImport = { new OperatorSetIdProto { Version = opset } },
        Graph = new GraphProto { Name = "made", Input = { Vector("x") }, Output = { Vector("y") }, Node = { nodes } },
    };

    private static ValueInfoProto Vector(string name) => new()
    {
        Name = name,
        Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "n" } } } } },
    };

    private static NodeProto Node(string op, string name, string[] inputs, string[] outputs, string domain = "") =>
        new() { OpType = op, Name = name, Domain = domain, Input = { inputs }, Output = { outputs } };
}
