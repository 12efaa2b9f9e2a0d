using Google.Protobuf;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>
/// Turns the part of a graph that leads to some of its values into ONNX messages. Dead nodes are left out, and of nodes that compute the same
/// thing one is written.
/// </summary>
internal sealed class GraphWriter
{
    private readonly Graph _graph;
    private readonly IReadOnlyList<Tensor> _outputs;
    private readonly ParametersAs _parameters;
    private readonly List<Node> _nodes;
    private readonly HashSet<Tensor> _needed; // the outputs, and what the nodes read
    private readonly Dictionary<Tensor, Tensor> _same = []; // an output of a node that is not written → the equal one of a node that is

    /// <param name="graph">the graph</param>
    /// <param name="outputs">the values that what is written leads to</param>
    /// <param name="parameters">what parameters are written as</param>
    /// <param name="rewrites">whether operators of the library's own may take the place of standard ones</param>
    public GraphWriter(Graph graph, IReadOnlyList<Tensor> outputs, ParametersAs parameters, bool rewrites = true)
    {
        (_graph, _outputs, _parameters) = (graph, outputs, parameters);
        var merged = MergeEqual(Alive(graph.Nodes).Nodes);
        (_nodes, _needed) = Alive(rewrites ? Rewrites.Apply(merged, _outputs, Written) : merged);
    }

    /// <summary>The library's own operators in the part, each once, by name.</summary>
    public IEnumerable<Operator> OwnOperators => _nodes.Select(n => n.Operator).Where(op => op.Lowering is not null).DistinctBy(op => op.Name).OrderBy(op => op.Name, StringComparer.Ordinal);

    public GraphProto Write(Action<TensorData, TensorProto>? external = null)
    {
        var proto = new GraphProto { Name = _graph.Name };
        proto.Input.AddRange(_graph.Inputs.Where(_needed.Contains).Select(ToValueInfo));
        foreach (var parameter in _graph.Parameters.Where(p => _needed.Contains(p.Tensor)))
        {
            if (_parameters == ParametersAs.Inputs) proto.Input.Add(ToValueInfo(parameter.Tensor));
            else proto.Initializer.Add(ToTensor(parameter.Name, parameter.RequiredValue, external));
        }
        var constants = _nodes.SelectMany(n => n.Inputs).Concat(_outputs).OfType<Tensor>().Where(t => t.Constant is not null).Distinct();
        proto.Node.AddRange(constants.Select(ToConstant)); // initialisers are weights and nothing else, so that a file that was written can be read
        proto.Node.AddRange(_nodes.Select(ToNode));
        proto.ValueInfo.AddRange(_nodes.SelectMany(n => n.Outputs).Where(y => _needed.Contains(y) && !_outputs.Contains(y)).Select(ToValueInfo));
        proto.Output.AddRange(_outputs.Select(ToValueInfo));
        return proto;
    }

    /// <summary>An own operator's meaning: its lowering as an ONNX function.</summary>
    public static FunctionProto ToFunction(Operator op)
    {
        var lowering = op.Lowering!();
        var body = new GraphWriter(lowering, [.. lowering.Outputs.Values], ParametersAs.Initializers, rewrites: false).Write();
        var function = new FunctionProto { Name = op.Name, Domain = op.Domain };
        function.OpsetImport.Add(new OperatorSetIdProto { Version = GraphFile.Opset });
        function.Input.AddRange(lowering.Inputs.Select(i => i.Name));
        function.Output.AddRange(lowering.Outputs.Keys);
        function.Node.AddRange(body.Node);
        return function;
    }

    private (List<Node> Nodes, HashSet<Tensor> Needed) Alive(IEnumerable<Node> nodes)
    {
        var (alive, needed) = (new List<Node>(), _outputs.ToHashSet());
        foreach (var node in nodes.Reverse())
        {
            if (!node.Outputs.Any(needed.Contains)) continue;
            alive.Add(node);
            needed.UnionWith(node.Inputs.OfType<Tensor>().Select(Written));
        }
        alive.Reverse();
        return (alive, needed);
    }

    private List<Node> MergeEqual(List<Node> nodes)
    {
        var merged = new List<Node>();
        var first = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var key = $"{node.Operator.Name}|{node.OutputCount}|{node.Attributes}|{string.Join('|', node.Inputs.Select(NameOf))}";
            // A graph's output keeps its node, because it keeps its name.
            if (first.TryGetValue(key, out var equal) && !node.Outputs.Any(_outputs.Contains))
            {
                foreach (var (mine, other) in node.Outputs.Zip(equal.Outputs)) _same[mine] = other;
                continue;
            }
            first.TryAdd(key, node);
            merged.Add(node);
        }
        return merged;
    }

    private Tensor Written(Tensor tensor) => _same.GetValueOrDefault(tensor, tensor);

    private string NameOf(Tensor? tensor) => tensor is null ? "" : Written(tensor).Name;

    private NodeProto ToNode(Node node)
    {
        var proto = new NodeProto { Name = node.Name, OpType = node.Operator.Name, Domain = node.Operator.Domain };
        proto.Input.AddRange(TrimEnd(node.Inputs.Select(NameOf)));
        proto.Output.AddRange(TrimEnd(node.Outputs.Select(y => _needed.Contains(y) || node.Operator.OptionalOutputs == 0 ? y.Name : "")));
        proto.Attribute.AddRange(node.Attributes.All.Select(a => ToAttribute(a.Key, a.Value)));
        return proto;
    }

    private static NodeProto ToConstant(Tensor constant)
    {
        var proto = new NodeProto { OpType = "Constant", Name = constant.Name };
        proto.Output.Add(constant.Name);
        proto.Attribute.Add(ToAttribute("value", constant.Constant!));
        return proto;
    }

    // Left-out names at the end are not written at all.
    private static IEnumerable<string> TrimEnd(IEnumerable<string> names) => names.Reverse().SkipWhile(n => n.Length == 0).Reverse();

    private static AttributeProto ToAttribute(string name, object value)
    {
        var proto = new AttributeProto { Name = name };
        switch (value)
        {
            case long i: (proto.Type, proto.I) = (AttributeProto.Types.AttributeType.Int, i); break;
            case float f: (proto.Type, proto.F) = (AttributeProto.Types.AttributeType.Float, f); break;
            case string s: (proto.Type, proto.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(s)); break;
            case long[] ints: proto.Type = AttributeProto.Types.AttributeType.Ints; proto.Ints.AddRange(ints); break;
            case float[] floats: proto.Type = AttributeProto.Types.AttributeType.Floats; proto.Floats.AddRange(floats); break;
            case TensorData data: (proto.Type, proto.T) = (AttributeProto.Types.AttributeType.Tensor, ToTensor(name, data)); break;
            default: throw new GraphException($"attribute '{name}' holds {value.GetType().Name}, which ONNX has no attribute type for");
        }
        return proto;
    }

    /// <summary>A tensor with its elements, inside or where <paramref name="external"/> puts them.</summary>
    public static TensorProto ToTensor(string name, TensorData data, Action<TensorData, TensorProto>? external = null)
    {
        var proto = new TensorProto { Name = name, DataType = (int)data.Type };
        proto.Dims.AddRange(data.Shape);
        if (external is not null) external(data, proto);
        else
        {
            var bytes = new byte[data.Values.LongLength * data.Type.Bytes()];
            var position = 0;
            data.ForEachChunk(chunk =>
            {
                chunk.CopyTo(bytes.AsSpan(position));
                position += chunk.Length;
            });
            proto.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        }
        return proto;
    }

    private static ValueInfoProto ToValueInfo(Tensor tensor)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(tensor.Shape.Select(d => d.IsFixed
            ? new TensorShapeProto.Types.Dimension { DimValue = d.Value }
            : new TensorShapeProto.Types.Dimension { DimParam = d.ToString() }));
        return new ValueInfoProto
        {
            Name = tensor.Name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)tensor.Type, Shape = shape } },
        };
    }
}
