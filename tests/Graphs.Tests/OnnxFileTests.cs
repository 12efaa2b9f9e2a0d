using Google.Protobuf;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs.Tests;

public sealed class OnnxFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Scales_that_are_worked_out_at_run_time_are_over_the_batch()
    {
        Assert.True(Scales(Node("DynamicQuantizeLinear", "x")));
        Assert.True(Scales(Node("DynamicQuantizeMatMul", "x", "w", "s")));
        Assert.True(Scales(Node("ReduceMax", "x") with { Output = "s" }, Node("QuantizeLinear", "x", "s")));
        Assert.True(Scales(Node("BatchNormalization", "x", "a", "b", "c", "d") with { TrainingMode = 1 }));
        Assert.True(Scales(Node("If", "c") with { Inner = Node("DynamicQuantizeLinear", "x") }));
    }

    [Fact]
    public void Scales_that_the_file_holds_are_not()
    {
        Assert.False(Scales(Node("QuantizeLinear", "x", "initializer")));
        Assert.False(Scales(Node("Constant") with { Output = "s" }, Node("QuantizeLinear", "x", "s")));
        Assert.False(Scales(Node("BatchNormalization", "x", "a", "b", "c", "d")));
        Assert.False(Scales(Node("MatMul", "x", "w")));
    }

    [Fact]
    public void A_file_says_what_it_takes_and_gives()
    {
        var graph = new Graph("mine");
        var ids = graph.Input("ids", ElementType.Int32, ["n", 8]);
        graph.Output("rows", graph.Parameter("table", TensorData.Of(new float[12], 6, 2))[ids.Cast(ElementType.Int64)]);
        graph.Save(_folder.PathOf("model.onnx"));
        var file = OnnxFile.Read(_folder.PathOf("model.onnx"));
        Assert.Equal("ids int32 [n, 8]", Assert.Single(file.Inputs).ToString());
        Assert.Equal("rows float32 [n, 8, 2]", Assert.Single(file.Outputs).ToString());
        Assert.True(file.Opset > 7);
        Assert.Equal(6, file.Tables["ids"]);
        Assert.Empty(file.Branches);
    }

    [Fact]
    public void Graphs_inside_graphs_are_named()
    {
        Save(Node("Relu", "x"), Node("If", "c") with { Inner = Node("Loop", "x") });
        Assert.Equal(["If", "Loop"], OnnxFile.Read(_folder.PathOf("model.onnx")).Branches);
    }

    private sealed record Written(string Operator, string[] Inputs, string Output = "y", int TrainingMode = 0, Written? Inner = null)
    {
        public NodeProto ToProto()
        {
            var proto = new NodeProto { OpType = Operator };
            proto.Input.AddRange(Inputs);
            proto.Output.Add(Output);
            if (TrainingMode != 0) proto.Attribute.Add(new AttributeProto { Name = "training_mode", Type = AttributeProto.Types.AttributeType.Int, I = TrainingMode });
            if (Inner is not null) proto.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = new GraphProto { Node = { Inner.ToProto() } } });
            return proto;
        }
    }

    private static Written Node(string op, params string[] inputs) => new(op, inputs);

    private bool Scales(params Written[] nodes)
    {
        Save(nodes);
        return OnnxFile.Read(_folder.PathOf("model.onnx")).ScalesOverBatch;
    }

    private void Save(params Written[] nodes)
    {
        var model = new ModelProto { Graph = new GraphProto() };
        model.Graph.Node.AddRange(nodes.Select(n => n.ToProto()));
        File.WriteAllBytes(_folder.PathOf("model.onnx"), model.ToByteArray());
    }
}
