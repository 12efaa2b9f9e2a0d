using Google.Protobuf;
using LmmRec.Artifacts;
using LmmRec.Graphs.Onnx;
using Kind = LmmRec.Graphs.Onnx.AttributeProto.Types.AttributeType;

namespace LmmRec.Graphs.Tests;

/// <summary>Whatever a file holds, reading it gives a graph or says what is wrong with the file: nobody is shown a fault of the program.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private const int Files = 1500;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_damaged_file_is_refused_and_never_a_fault_of_the_program()
    {
        var whole = Models().ConvertAll(model => model.ToByteArray());
        var refused = 0;
        for (var i = 0; i < Files; i++)
        {
            var random = SeededRandom.For(i, "damage");
            var model = ModelProto.Parser.ParseFrom(whole[i % whole.Count]);
            for (var changes = 1 + random.NextInt32(3); changes > 0; changes--) Damage(model, random);
            File.WriteAllBytes(_folder.PathOf("model.onnx"), model.ToByteArray());
            foreach (var read in new Action<string>[] { path => OnnxFile.Read(path), path => Graph.Load(path), path => OnnxWeights.Read(path) })
            {
                try
                {
                    read(_folder.PathOf("model.onnx"));
                }
                catch (GraphException)
                {
                    refused++;
                }
                catch (Exception e)
                {
                    Assert.Fail($"file {i}: {e}");
                }
            }
        }
        Assert.InRange(refused, Files / 2, 3 * Files - 1);
    }

    [Fact]
    public void Names_that_stand_for_two_things_are_told()
    {
        Refuses(model => model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone()), "holds two initialisers of the name 'table'");
        Refuses(model => model.Graph.Input.Add(model.Graph.Input[0].Clone()), "holds two inputs of the name 'ids'");
        Refuses(model => model.Graph.Output.Add(model.Graph.Output[0].Clone()), "holds two outputs of the name 'y'");
        Refuses(model => model.Functions.Add([new FunctionProto { Name = "f" }, new FunctionProto { Name = "f" }]), "holds two functions of the name 'f'");

        void Refuses(Action<ModelProto> change, string fault)
        {
            var model = Models()[0];
            change(model);
            File.WriteAllBytes(_folder.PathOf("model.onnx"), model.ToByteArray());
            Assert.Contains(fault, Assert.Throws<GraphException>(() => OnnxFile.Read(_folder.PathOf("model.onnx"))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_function_that_calls_itself_is_told()
    {
        var model = Models()[0];
        model.Graph.Node.Add(new NodeProto { OpType = "f", Domain = "mine", Input = { "ids" }, Output = { "z" } });
        model.Functions.Add(new FunctionProto { Name = "f", Domain = "mine", Input = { "x" }, Output = { "o" }, Node = { new NodeProto { OpType = "f", Domain = "mine", Input = { "x" }, Output = { "o" } } } });
        File.WriteAllBytes(_folder.PathOf("model.onnx"), model.ToByteArray());
        Assert.Contains("function f calls itself", Assert.Throws<GraphException>(() => Graph.Load(_folder.PathOf("model.onnx"))).Message, StringComparison.Ordinal);
    }

    // A text tower in small, a picture tower in small, and one of bytes.
    private List<ModelProto> Models()
    {
        var texts = new Graph("texts");
        var ids = texts.Input("ids", ElementType.Int64, ["n", 8]);
        var rows = texts.Parameter("table", [20, 4], Initializers.Ones)[ids].LayerNormalization(texts.Parameter("norm", [4], Initializers.Ones));
        var (first, second) = rows.Split(2, 2, 2) is [var a, var b] ? (a, b) : default;
        texts.Output("y", texts.Concat(2, first.Tanh(), second.Softmax()).Reshape([ids.Shape[0], 32]).Gemm(texts.Parameter("w", [32, 3], Initializers.Ones)));

        var pictures = new Graph("pictures");
        var pixels = pictures.Input("pixels", ElementType.Float32, ["n", 3, 8, 8]);
        var patches = pictures.Add("Conv", new Attributes(("strides", new long[] { 4, 4 })), pixels, pictures.Parameter("conv", [5, 3, 4, 4], Initializers.Ones));
        pictures.Output("y", patches.Transpose(0, 2, 3, 1).Unsqueeze(1).ReduceMean([2, 3]).Cast(ElementType.Float16));

        var bytes = new Graph("bytes");
        var x = bytes.Input("x", ElementType.Float32, ["n", 6]);
        var rounded = bytes.Add("DynamicQuantizeLinear", Attributes.None, 3, x);
        var product = bytes.Add("MatMulInteger", rounded[0], bytes.Constant(TensorData.Of(new sbyte[36], 6, 6), "integers"), rounded[2]).Cast(ElementType.Float32) * rounded[1];
        bytes.Output("y", product.MatMul(bytes.Parameter("w.weight", [6, 2], Initializers.Ones)) + bytes.Parameter("w.bias", [2], Initializers.Ones));
        return new[] { texts, pictures, bytes }.Select(graph =>
        {
            graph.Initialize(new SeededRandom(1));
            graph.Save(_folder.PathOf("whole.onnx"));
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder.PathOf("whole.onnx")));
        }).ToList();
    }

    private static void Damage(ModelProto model, SeededRandom random)
    {
        var graph = model.Graph;
        if (graph.Node.Count == 0 || graph.Initializer.Count == 0 || graph.Input.Count == 0) return;
        var (node, tensor, input) = (Any(graph.Node), Any(graph.Initializer), Any(graph.Input));
        string[] names = ["", "nowhere", .. graph.Initializer.Select(t => t.Name), .. graph.Input.Select(i => i.Name), .. graph.Node.SelectMany(n => n.Output)];
        switch (random.NextInt32(16))
        {
            case 0: Drop(node.Input); break;
            case 1: Drop(node.Output); break;
            case 2: Drop(node.Attribute); break;
            case 3: Drop(graph.Node); break;
            case 4: Drop(graph.Initializer); break;
            case 5: graph.Initializer.Add(tensor.Clone()); break;
            case 6: graph.Input.Add(input.Clone()); break;
            case 7: if (node.Input.Count > 0) node.Input[random.NextInt32(node.Input.Count)] = Any(names); break;
            case 8: node.Output.Add(Any(names)); break;
            case 9: node.OpType = Any([.. Operators.Table.Keys.Order(StringComparer.Ordinal), "Constant", "Sum"]); break;
            case 10: if (tensor.Dims.Count > 0) tensor.Dims[random.NextInt32(tensor.Dims.Count)] = Number(); break;
            case 11: tensor.DataType = random.NextInt32(20); break;
            case 12: tensor.RawData = ByteString.CopyFrom(tensor.RawData.Span[..random.NextInt32(tensor.RawData.Length + 1)]); break;
            case 13: (input.Type, graph.Output[0].Type) = (random.NextInt32(2) == 0 ? null : input.Type, null); break;
            case 14:
                tensor.DataLocation = TensorProto.Types.DataLocation.External;
                foreach (var key in new[] { "location", "offset", "length", "location" }) tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = Any(["", "0", "-5", "model.onnx", "../x", "\0", "99999999999999999999"]) });
                break;
            default:
                if (node.Attribute.Count == 0) node.Attribute.Add(new AttributeProto { Name = Any(["axis", "axes", "perm", "value", "strides", "keepdims"]) });
                var attribute = Any(node.Attribute);
                attribute.Type = (Kind)random.NextInt32(12);
                attribute.I = Number();
                attribute.Ints.Add(Number());
                break;
        }

        T Any<T>(IReadOnlyList<T> list) => list[random.NextInt32(list.Count)];
        long Number() => Any([-1L, 0, 1, 2, 7, int.MaxValue, long.MaxValue, long.MinValue]);

        void Drop<T>(IList<T> list)
        {
            if (list.Count > 0) list.RemoveAt(random.NextInt32(list.Count));
        }
    }
}
