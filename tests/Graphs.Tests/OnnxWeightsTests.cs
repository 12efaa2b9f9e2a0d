using Google.Protobuf;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs.Tests;

public sealed class OnnxWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Matrices_without_a_name_are_named_by_the_bias_that_is_added_to_their_product()
    {
        var weights = Read(
            [Initializer("a.bias", 3), Initializer("b.bias", 3), Initializer("c.bias", 3), Initializer("d.bias", 3), Initializer("d.weight", 3, 2), Initializer("100", 2, 3), Initializer("101", 2, 3), Initializer("102", 2, 3), Initializer("table", 4, 2)],
            Node("MatMul", "p", "x", "100"), Node("Add", "y", "p", "a.bias"),
            Node("MatMul", "q", "x", "101"), Node("Add", "z", "b.bias", "q"),
            Node("Gemm", "r", "x", "102", "c.bias"), Transposing(Node("Gemm", "s", "x", "d.weight", "d.bias")));
        Assert.Equal(["a.bias", "a.weight", "b.bias", "b.weight", "c.bias", "c.weight", "d.bias", "d.weight", "table"], weights.Keys.Order(StringComparer.Ordinal));
        foreach (var name in new[] { "a.weight", "b.weight", "c.weight" })
        {
            Assert.Equal([3, 2], weights[name].Shape);
            Assert.Equal([0, 3, 1, 4, 2, 5], weights[name].As<float>());
        }
        Assert.Equal([0, 1, 2, 3, 4, 5], weights["d.weight"].As<float>());
    }

    [Fact]
    public void A_matrix_of_two_layers_goes_to_both_and_one_without_a_bias_keeps_its_name()
    {
        var weights = Read([Initializer("a.bias", 3), Initializer("b.bias", 3), Initializer("shared", 2, 3), Initializer("alone", 2, 3)],
            Node("MatMul", "p", "x", "shared"), Node("Add", "y", "p", "a.bias"), Node("MatMul", "q", "x", "shared"), Node("Add", "z", "q", "b.bias"), Node("MatMul", "r", "x", "alone"));
        Assert.Equal(["a.bias", "a.weight", "alone", "b.bias", "b.weight"], weights.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(weights["a.weight"].As<float>(), weights["b.weight"].As<float>());
    }

    [Theory]
    [InlineData("alpha")]
    [InlineData("beta")]
    public void A_layer_that_scales_its_weights_is_refused(string scale)
    {
        Assert.Equal(2, Read([Initializer("a.bias", 3), Initializer("100", 2, 3)], Scaled(1)).Count);
        Assert.Contains("node 'p' (Gemm) multiplies its weights by alpha or beta other than 1", Assert.Throws<GraphException>(() => Read([Initializer("a.bias", 3), Initializer("100", 2, 3)], Scaled(0.5f))).Message);

        NodeProto Scaled(float by)
        {
            var node = Node("Gemm", "r", "x", "100", "a.bias");
            node.Name = "p";
            node.Attribute.Add(new AttributeProto { Name = scale, Type = AttributeProto.Types.AttributeType.Float, F = by });
            return node;
        }
    }

    private Dictionary<string, TensorData> Read(TensorProto[] initializers, params NodeProto[] nodes)
    {
        File.WriteAllBytes(_folder.PathOf("model.onnx"), new ModelProto { Graph = new GraphProto { Initializer = { initializers }, Node = { nodes } } }.ToByteArray());
        return OnnxWeights.Read(_folder.PathOf("model.onnx"));
    }

    private static TensorProto Initializer(string name, params long[] shape) => new()
    {
        Name = name,
        DataType = (int)ElementType.Float32,
        Dims = { shape },
        FloatData = { Enumerable.Range(0, (int)shape.Aggregate(1L, (p, d) => p * d)).Select(i => (float)i) },
    };

    private static NodeProto Node(string op, string output, params string[] inputs) => new() { OpType = op, Output = { output }, Input = { inputs } };

    private static NodeProto Transposing(NodeProto node)
    {
        node.Attribute.Add(new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
        return node;
    }
}
