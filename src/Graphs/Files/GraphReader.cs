using LmmRec.Artifacts.Store;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Graphs;

/// <summary>
/// Builds a graph from an ONNX file that any tool may have written: initialisers become parameters, functions are written out, older forms of
/// operators are brought to the present one. What is not known is named with its node.
/// </summary>
internal sealed class GraphReader
{
    private readonly string _path;
    private readonly ModelProto _model;
    private readonly Graph _graph;
    private readonly IReadOnlyDictionary<string, long> _sizes;
    private readonly Dictionary<(string Domain, string Name), FunctionProto> _functions;
    private readonly HashSet<FunctionProto> _calls = new(ReferenceEqualityComparer.Instance); // those that are being written out

    private GraphReader(string path, ModelProto model, IReadOnlyDictionary<string, long> sizes)
    {
        (_path, _model, _sizes, _graph) = (path, model, sizes, new Graph(model.Graph.Name.Length > 0 ? model.Graph.Name : Path.GetFileNameWithoutExtension(path)));
        _functions = model.Functions.ToDictionary(f => (f.Domain, f.Name));
    }

    public static Graph Read(string path, IReadOnlyDictionary<string, long> sizes) => new GraphReader(path, Parse(path), sizes).Read();

    /// <summary>The file as it is written.</summary>
    /// <exception cref="GraphException">It is no ONNX file.</exception>
    public static ModelProto Parse(string path)
    {
        if (StandIn.Of(path) is { } other) throw new GraphException($"'{path}' {other}");
        ModelProto model;
        try
        {
            using var stream = File.OpenRead(path);
            model = ModelProto.Parser.ParseFrom(stream);
        }
        catch (Google.Protobuf.InvalidProtocolBufferException e)
        {
            throw new GraphException($"'{path}' is no ONNX file, or a truncated one: {e.Message}", e);
        }
        if (model.Graph is null) throw new GraphException($"'{path}' holds no graph");
        CheckUnique("initialisers", model.Graph.Initializer.Select(t => t.Name));
        CheckUnique("inputs", model.Graph.Input.Select(i => i.Name));
        CheckUnique("outputs", model.Graph.Output.Select(o => o.Name));
        CheckUnique("functions", model.Functions.Select(f => f.Domain.Length > 0 ? $"{f.Domain}.{f.Name}" : f.Name));
        return model;

        void CheckUnique(string what, IEnumerable<string> names)
        {
            if (names.CountBy(name => name, StringComparer.Ordinal).FirstOrDefault(n => n.Value > 1) is { Key: { } name }) throw new GraphException($"'{path}' holds two {what} of the name '{name}'");
        }
    }

    private Graph Read()
    {
        var values = new Dictionary<string, Tensor?>(StringComparer.Ordinal) { [""] = null };
        foreach (var weight in _model.Graph.Initializer)
        {
            var data = TensorReader.Read(weight, _path);
            // Integers are shapes, axes and indices; what is trained is a floating-point number.
            values[weight.Name] = data.Type.IsFloat() ? _graph.Parameter(weight.Name, data, trainable: IsTrained(weight.Name, data)) : _graph.Constant(data, weight.Name);
        }
        foreach (var input in _model.Graph.Input.Where(i => !values.ContainsKey(i.Name))) values[input.Name] = Input(input);
        var taken = _model.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        ReadNodes(_model.Graph.Node, _model.OpsetImport, values, AttributeReader.NoReferences, taken);
        foreach (var output in _model.Graph.Output) _graph.Output(output.Name, Find(values, output.Name, "the graph's outputs") ?? throw Wrong("an output has no name"));
        return _graph;
    }

    // Attention masks hold infinities; batch normalisation's mean and variance follow the data, not the loss.
    private bool IsTrained(string name, TensorData data) => data.Values is not float[] values || (Array.TrueForAll(values, float.IsFinite)
        && !_model.Graph.Node.Any(n => n.OpType == "BatchNormalization" && n.Input.Skip(3).Contains(name)));

    private Tensor Input(ValueInfoProto input)
    {
        if (input.Type?.TensorType is not { } type || !ElementTypes.IsKnown(type.ElemType)) throw Wrong($"input '{input.Name}' is no tensor of a known element type");
        if (type.Shape is null) throw Wrong($"input '{input.Name}' has no shape; its number of axes has to be known");
        var dims = type.Shape.Dim.Select((d, i) => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? d.DimValue : Named(d.DimParam.Length > 0 ? d.DimParam : $"{input.Name}_{i}"));
        return _graph.Input(input.Name, (ElementType)type.ElemType, new Shape([.. dims]));

        Dim Named(string name) => _sizes.TryGetValue(name, out var size) ? size : name;
    }

    private void ReadNodes(IEnumerable<NodeProto> nodes, IEnumerable<OperatorSetIdProto> opsets, Dictionary<string, Tensor?> values, Func<string, AttributeProto?> references, HashSet<string> taken)
    {
        var opset = (int)(opsets.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? GraphFile.Opset);
        if (opset < OlderOpsets.Oldest) throw Wrong($"it uses opset {opset}; {OlderOpsets.Oldest} and later are understood");
        foreach (var node in InOrder([.. nodes], values))
        {
            try
            {
                ReadNode(node, opset, values, references, taken);
            }
            catch (Exception e) when (e is not (GraphException or IOException or UnauthorizedAccessException))
            {
                // An operator's rule reads inputs and attributes without asking whether each is there.
                throw new GraphException($"'{_path}': node '{NameOf(node)}' ({node.OpType}) lacks an input or attribute, or has one of another kind than it takes", e);
            }
        }
    }

    private void ReadNode(NodeProto node, int opset, Dictionary<string, Tensor?> values, Func<string, AttributeProto?> references, HashSet<string> taken)
    {
        var inputs = node.Input.Select(name => Find(values, name, NameOf(node))).ToList();
        var domain = node.Domain == "ai.onnx" ? "" : node.Domain;
        IReadOnlyList<Tensor> outputs;
        if (domain == Own.Domain && OwnProducts.Apart(node.OpType, inputs) is { } product) outputs = [product];
        else if (Operators.Table.TryGetValue(node.OpType, out var op) && op.Domain == domain)
        {
            // Further outputs that a file leaves out are there all the same: gradients of some operators read them.
            var count = Math.Max(node.Output.Count, 1 + op.OptionalOutputs);
            var free = _graph.FreeName(node.Name is { Length: > 0 } name && !taken.Contains(name) ? name : node.OpType);
            var attributes = AttributeReader.Read(node, references, _path);
            try
            {
                outputs = OlderOpsets.Add(_graph, op, free, opset, attributes, count, inputs);
            }
            catch (GraphException e)
            {
                throw Wrong(inputs.TrueForAll(i => i is null || i.Shape.IsFixed) ? e.Message : $"{e.Message}; where a named size can have one value only, say it when the file is loaded");
            }
        }
        else if (_functions.TryGetValue((node.Domain, node.OpType), out var function)) outputs = Call(function, node, inputs, references);
        else if (domain.Length == 0 && node.OpType == "Constant") outputs = [_graph.Constant(AttributeReader.Constant(node, references, _path))];
        else if (domain.Length == 0 && node.OpType == "Sum") outputs = [inputs.OfType<Tensor>().Aggregate((a, b) => a + b)];
        else throw Wrong($"node '{NameOf(node)}' is of operator {(domain.Length == 0 ? "" : domain + ".")}{node.OpType}, which is not known here; an operator is added in src/Graphs/Operators");
        if (outputs.Count < node.Output.Count) throw Wrong($"node '{NameOf(node)}' ({node.OpType}) has {node.Output.Count} outputs, of which {outputs.Count} are known here");
        for (var i = 0; i < node.Output.Count; i++)
            if (node.Output[i].Length > 0) values[node.Output[i]] = outputs[i];
    }

    private List<Tensor> Call(FunctionProto function, NodeProto node, List<Tensor?> inputs, Func<string, AttributeProto?> references)
    {
        if (!_calls.Add(function)) throw Wrong($"function {function.Name} calls itself");
        var values = new Dictionary<string, Tensor?>(StringComparer.Ordinal) { [""] = null };
        for (var i = 0; i < function.Input.Count; i++) values[function.Input[i]] = i < inputs.Count ? inputs[i] : null;
        AttributeProto? Argument(string name) => node.Attribute.FirstOrDefault(a => a.Name == name) is { } given
            ? given.RefAttrName.Length > 0 ? references(given.RefAttrName) : given
            : function.AttributeProto.FirstOrDefault(a => a.Name == name);
        using (_graph.Scope(NameOf(node))) ReadNodes(function.Node, function.OpsetImport, values, Argument, []);
        _calls.Remove(function);
        return [.. function.Output.Select(name => Find(values, name, $"function {function.Name}")!)];
    }

    // Files list nodes in order, but nothing forces them to: each node comes after those whose outputs it reads.
    private List<NodeProto> InOrder(List<NodeProto> nodes, Dictionary<string, Tensor?> values)
    {
        var producers = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (var node in nodes)
            foreach (var output in node.Output.Where(o => o.Length > 0))
                if (!producers.TryAdd(output, node) || values.ContainsKey(output)) throw Wrong($"'{output}', an output of node '{NameOf(node)}', is given twice");
        var (sorted, visiting, done) = (new List<NodeProto>(), new HashSet<NodeProto>(ReferenceEqualityComparer.Instance), new HashSet<NodeProto>(ReferenceEqualityComparer.Instance));
        foreach (var start in nodes)
        {
            var stack = new Stack<(NodeProto Node, bool Left)>([(start, false)]); // no recursion: graphs are deep
            while (stack.TryPop(out var top))
            {
                if (top.Left)
                {
                    if (done.Add(top.Node)) sorted.Add(top.Node);
                    visiting.Remove(top.Node);
                    continue;
                }
                if (done.Contains(top.Node)) continue;
                if (!visiting.Add(top.Node)) throw Wrong($"node '{NameOf(top.Node)}' depends on its own output: the graph has a cycle");
                stack.Push((top.Node, true));
                foreach (var input in top.Node.Input)
                    if (producers.TryGetValue(input, out var producer) && !done.Contains(producer)) stack.Push((producer, false));
            }
        }
        return sorted;
    }

    private Tensor? Find(Dictionary<string, Tensor?> values, string name, string reader) => values.TryGetValue(name, out var value)
        ? value
        : throw Wrong($"'{reader}' reads '{name}', which no input, initialiser or node gives");

    private static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name : $"{node.OpType} → {string.Join(", ", node.Output)}";

    private GraphException Wrong(string what) => new($"'{_path}': {what}");
}
