using Google.Protobuf;
using LmmRec.Graphs.Onnx;
using Kind = LmmRec.Graphs.Onnx.AttributeProto.Types.AttributeType;

namespace LmmRec.Graphs.Tests;

/// <summary>Files as exporters of former years wrote them: ONNX Runtime computes the same from them after they were loaded and saved.</summary>
public sealed class OlderOpsetTests
{
    private static readonly Dictionary<string, OldNode> Nodes = new()
    {
        ["BatchNormalization, spatial"] = new(8, "BatchNormalization", ("spatial", 1L), ("epsilon", 1e-3f), ("momentum", 0.9f)) { More = Statistics },
        ["BatchNormalization without spatial"] = new(9, "BatchNormalization", ("epsilon", 1e-3f)) { More = Statistics },
        ["Dropout, ratio"] = new(7, "Dropout", ("ratio", 0.3f)),
        ["Dropout, ratio, mask"] = new(10, "Dropout", ("ratio", 0.3f)) { Outputs = ["y", "unread"] },
        ["Split in halves"] = new(7, "Split", ("axis", 2L)) { Outputs = ["y", "z"] },
        ["Split in halves, opset 13"] = new(13, "Split", ("axis", 2L)) { Outputs = ["y", "z"] },
        ["Split"] = new(11, "Split", ("axis", 2L), ("split", new[] { 1L, 3 })) { Outputs = ["y", "z"] },
        ["Squeeze"] = new(11, "Squeeze", ("axes", new[] { 0L })),
        ["Squeeze of whatever is 1"] = new(7, "Squeeze"),
        ["Unsqueeze"] = new(11, "Unsqueeze", ("axes", new[] { 1L, 5 })),
        ["Slice"] = new(9, "Slice", ("axes", new[] { 3L, 1 }), ("starts", new[] { 1L, 0 }), ("ends", new[] { -1L, 2 })),
        ["Slice of the first axes"] = new(7, "Slice", ("starts", new[] { 0L, 1 }), ("ends", new[] { 1L, 3 })),
        ["Pad"] = new(10, "Pad", ("pads", new[] { 0L, 0, 1, 2, 0, 0, 1, 0 }), ("value", 0.5f)),
        ["Pad by reflection"] = new(7, "Pad", ("mode", "reflect"), ("pads", new[] { 0L, 0, 1, 2, 0, 0, 1, 0 })),
        ["Clip"] = new(10, "Clip", ("min", -0.2f), ("max", 0.4f)),
        ["Clip from above"] = new(7, "Clip", ("max", 0.1f)),
        ["TopK"] = new(9, "TopK", ("axis", 3L), ("k", 2L)) { Outputs = ["y", "indices"] },
        ["ReduceSum"] = new(11, "ReduceSum", ("axes", new[] { 1L, 3 }), ("keepdims", 0L)),
        ["ReduceMean"] = new(13, "ReduceMean", ("axes", new[] { -1L })),
        ["ReduceMax"] = new(17, "ReduceMax", ("axes", new[] { 2L }), ("keepdims", 0L)),
        ["ReduceMin of all"] = new(7, "ReduceMin"),
        ["ReduceL1"] = new(7, "ReduceL1", ("axes", new[] { 2L })),
        ["ReduceL2"] = new(8, "ReduceL2", ("axes", new[] { 2L, 3 })),
        ["ReduceSumSquare"] = new(9, "ReduceSumSquare", ("axes", new[] { 0L })),
        ["ReduceLogSumExp"] = new(10, "ReduceLogSumExp", ("axes", new[] { 1L })),
        ["ReduceProd"] = new(12, "ReduceProd", ("axes", new[] { 1L })),
        ["Softmax over the last axis"] = new(7, "Softmax", ("axis", 3L)),
        ["Softmax over several axes"] = new(11, "Softmax"),
        ["Softmax over several axes, counted from the end"] = new(12, "Softmax", ("axis", -2L)),
        ["LogSoftmax over all axes"] = new(7, "LogSoftmax", ("axis", 0L)),
        ["AveragePool"] = new(7, "AveragePool", ("kernel_shape", new[] { 2L, 2 }), ("strides", new[] { 2L, 2 }), ("count_include_pad", 1L)),
        ["MaxPool"] = new(8, "MaxPool", ("kernel_shape", new[] { 2L, 3 }), ("storage_order", 0L)),
        ["Conv"] = new(7, "Conv", ("kernel_shape", new[] { 3L, 3 }), ("auto_pad", "SAME_UPPER")) { More = [Wave(1, 2, 3, 3, 3)] },
        ["Gather"] = new(7, "Gather", ("axis", 1L)) { More = [TensorData.Of([2L, 0])] },
        ["Reshape"] = new(8, "Reshape") { More = [TensorData.Of([0L, -1, 5])] },
        ["Tile"] = new(7, "Tile") { More = [TensorData.Of([1L, 2, 1, 1])] },
        ["Max of three"] = new(8, "Max") { More = [Wave(1, 5), Wave(2, 4, 1)] },
        ["Sum of three"] = new(8, "Sum") { More = [Wave(1, 5), Wave(2, 4, 1)] },
        ["ArgMax"] = new(7, "ArgMax", ("axis", 2L), ("keepdims", 0L)),
        ["Cast"] = new(7, "Cast", ("to", (long)ElementType.Float64)),
        ["LeakyRelu"] = new(7, "LeakyRelu", ("alpha", 0.3f)),
    };

    public static TheoryData<string> Cases => [.. Nodes.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_older_file_that_was_loaded_and_saved_computes_the_same(string name)
    {
        using var folder = new TemporaryFolder();
        var (old, saved) = (folder.PathOf("old.onnx"), folder.PathOf("saved.onnx"));
        Write(old, Nodes[name]);
        Graph.Load(old).Save(saved);

        using InferenceModel one = InferenceModel.Open(old), two = InferenceModel.Open(saved);
        var batch = new Batch { ["x"] = Wave(0, 1, 3, 4, 5) };
        var (expected, actual) = (one.Run(batch), two.Run(batch));
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (output, data) in expected)
        {
            Assert.Equal((data.Type, string.Join(',', data.Shape)), (actual[output].Type, string.Join(',', actual[output].Shape)));
            Assert.Equal(Numbers(data), Numbers(actual[output]), (a, b) => Math.Abs(a - b) <= 1e-6);
        }
    }

    [Fact]
    public void Batch_normalization_that_cannot_be_said_in_the_present_form_is_refused()
    {
        Refused("spatial = 0", new(8, "BatchNormalization", ("spatial", 0L)) { More = Statistics });
        Refused("is in training mode", new(15, "BatchNormalization", ("training_mode", 1L)) { More = Statistics });
        Refused("is in training mode", new(9, "BatchNormalization") { More = Statistics, Outputs = ["y", "mean", "variance", "saved_mean", "saved_variance"] });

        static void Refused(string message, OldNode node)
        {
            using var folder = new TemporaryFolder();
            Write(folder.PathOf("old.onnx"), node);
            Assert.Contains(message, Assert.Throws<GraphException>(() => Graph.Load(folder.PathOf("old.onnx"))).Message, StringComparison.Ordinal);
        }
    }

    private static TensorData[] Statistics => [.. Enumerable.Range(1, 4).Select(phase => TensorData.Of([.. Wave(phase, 3).As<float>().Select(v => 1.5f + v)]))];

    private static TensorData Wave(int phase, params long[] shape) => Formula.Wave(phase, 1, shape);

    private static IEnumerable<double> Numbers(TensorData data) => data.Values.Cast<object>().Select(v => Convert.ToDouble(v, System.Globalization.CultureInfo.InvariantCulture));

    // One node that reads x [1, 3, 4, 5] and constants; these are inputs too, as files had to have it before 2019.
    private static void Write(string path, OldNode old)
    {
        var node = new NodeProto { OpType = old.Operator, Input = { "x" }, Output = { old.Outputs } };
        node.Attribute.AddRange(old.Attributes.Select(a => Attribute(a.Name, a.Value)));
        var graph = new GraphProto { Name = "old", Node = { node }, Input = { Value("x", ElementType.Float32, [1, 3, 4, 5]) } };
        foreach (var data in old.More)
        {
            var proto = new TensorProto { Name = $"more{node.Input.Count}", DataType = (int)data.Type, Dims = { data.Shape } };
            if (data.Values is long[] integers) proto.Int64Data.AddRange(integers);
            else proto.FloatData.AddRange(data.As<float>());
            node.Input.Add(proto.Name);
            graph.Initializer.Add(proto);
            graph.Input.Add(Value(proto.Name, data.Type, data.Shape));
        }
        graph.Output.AddRange(old.Outputs.Where(o => o != "unread").Select(o => new ValueInfoProto { Name = o }));
        File.WriteAllBytes(path, new ModelProto { IrVersion = 3, OpsetImport = { new OperatorSetIdProto { Version = old.Opset } }, Graph = graph }.ToByteArray());
    }

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        long i => new AttributeProto { Name = name, Type = Kind.Int, I = i },
        float f => new AttributeProto { Name = name, Type = Kind.Float, F = f },
        string s => new AttributeProto { Name = name, Type = Kind.String, S = ByteString.CopyFromUtf8(s) },
        long[] ints => new AttributeProto { Name = name, Type = Kind.Ints, Ints = { ints } },
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "no kind of attribute that the cases use"),
    };

    private static ValueInfoProto Value(string name, ElementType type, long[] shape)
    {
        var sizes = new TensorShapeProto { Dim = { shape.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }) } };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = sizes } } };
    }

    private sealed record OldNode(int Opset, string Operator, params (string Name, object Value)[] Attributes)
    {
        /// <summary>Inputs after x.</summary>
        public TensorData[] More { get; init; } = [];

        public string[] Outputs { get; init; } = ["y"];
    }
}
