using System.Globalization;

namespace LmmRec.Graphs;

/// <summary>
/// An ONNX graph under construction. Values are made by <see cref="Input"/>, <see cref="Parameter(string, Shape, Initializer, bool, string)"/> and constants;
/// operators on them add nodes; <see cref="Output"/> names results. Types and shapes are inferred and checked as each node is added.
/// </summary>
public sealed class Graph(string name)
{
    private const int MaxKnownElements = 1024; // shapes, axes and sizes; not the columns of a sparse matrix

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _nextNumber = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _constants = new(StringComparer.Ordinal);
    private readonly List<Node> _nodes = [];
    private readonly List<Tensor> _inputs = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);
    private string _scope = "";
    private Block? _block;

    public string Name => name;

    /// <summary>
    /// Reads any ONNX file of opset 7 or later, with its functions and external data. Weights become trainable parameters, except masks (they hold
    /// infinities) and the statistics of batch normalisation.
    /// </summary>
    /// <param name="path">the file</param>
    /// <param name="sizes">
    /// by name, sizes of inputs that can have one value only, such as a picture's <c>height</c> where the file adds a table of positions; a size without a name
    /// goes by its input and axis, such as <c>pixels_2</c>. Names that the file does not have change nothing
    /// </param>
    /// <exception cref="GraphException">The file is broken, or holds an operator that is not known here: the message names its node.</exception>
    public static Graph Load(string path, IReadOnlyDictionary<string, long>? sizes = null) => GraphReader.Read(path, sizes ?? new Dictionary<string, long>());

    public IReadOnlyList<Tensor> Inputs => _inputs;

    public IReadOnlyList<Parameter> Parameters => _parameters;

    public IReadOnlyDictionary<string, Tensor> Outputs => _outputs;

    internal IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>What is fed at every run. Named dimensions may differ from run to run.</summary>
    public Tensor Input(string inputName, ElementType type, Shape shape) => InputOf(inputName, new TensorType(type, shape));

    /// <summary>What training changes, drawn by <paramref name="initializer"/> when training artifacts are written or <see cref="Initialize"/> is called.</summary>
    /// <param name="parameterName">its name</param>
    /// <param name="shape">its shape, without named sizes</param>
    /// <param name="initializer">draws its first values</param>
    /// <param name="trainable">whether training changes it</param>
    /// <param name="rows">what its rows belong to (<see cref="Graphs.Parameter.Rows"/>)</param>
    public Tensor Parameter(string parameterName, Shape shape, Initializer initializer, bool trainable = true, string? rows = null)
    {
        if (!shape.IsFixed) throw new GraphException($"parameter '{parameterName}' needs a fixed shape, not {shape}");
        return Register(new Parameter(new Tensor(this, Unused(parameterName), new TensorType(ElementType.Float32, shape)), initializer, null, trainable) { Rows = rows });
    }

    /// <summary>A parameter with given values; with <paramref name="trainable"/> false a table that is bound once and never changed, such as features.</summary>
    public Tensor Parameter(string parameterName, TensorData value, bool trainable = true) =>
        Register(new Parameter(new Tensor(this, Unused(parameterName), new TensorType(value.Type, Shape.Of(value.Shape))), null, value, trainable));

    /// <summary>A constant that is stored in the graph; equal small ones are stored once.</summary>
    public Tensor Constant(TensorData value, string? constantName = null)
    {
        var text = constantName is null ? ConstantText.Of(value) : null;
        if (text is not null && _constants.TryGetValue(text, out var known)) return known;
        var contents = value.Values is (long[] or int[]) and { Length: <= MaxKnownElements } integers
            ? integers.Cast<object>().Select(v => (Dim)Convert.ToInt64(v, CultureInfo.InvariantCulture)).ToArray()
            : null;
        var unique = UniqueName(constantName is null ? text ?? "constant" : Scoped(constantName));
        var tensor = new Tensor(this, unique, new TensorType(value.Type, Shape.Of(value.Shape), contents)) { Constant = value };
        if (text is not null) _constants[text] = tensor;
        return tensor;
    }

    /// <summary>A float constant of rank 0.</summary>
    public Tensor Scalar(double value, ElementType type = ElementType.Float32) => Constant(ConstantText.Scalar(value, type));

    /// <summary>An int64 vector.</summary>
    public Tensor Integers(params long[] values) => Constant(TensorData.Of(values));

    /// <summary>Until the result is disposed, names of nodes begin with <paramref name="scope"/>: <c>using (g.Scope("encoder")) …</c></summary>
    public IDisposable Scope(string scope)
    {
        var outer = _scope;
        _scope = outer + scope + "/";
        return new EndOfScope(() => _scope = outer);
    }

    /// <summary>
    /// Nodes added until the result is disposed form a block whose values training computes a second time instead of keeping them: less memory
    /// for about a third more time. Gradients are the same. <see cref="Tensor.Kept"/> exempts a value. Blocks do not nest; one layer of a tower makes a good block.
    /// </summary>
    public IDisposable Recomputed()
    {
        if (_block is not null) throw new GraphException($"graph '{Name}': a block that is recomputed lies inside another one; end the first before");
        _block = new Block();
        return new EndOfScope(() => _block = null);
    }

    /// <summary>Nodes added until the result is disposed belong to <paramref name="block"/>; null: to that in which they are added anyway.</summary>
    internal IDisposable InBlock(Block? block)
    {
        var outer = _block;
        _block = block ?? outer;
        return new EndOfScope(() => _block = outer);
    }

    /// <summary>Names a result of the graph.</summary>
    public Tensor Output(string outputName, Tensor value)
    {
        Own(value, "Output", outputName);
        // An input cannot be renamed, and one value cannot have two names: an Identity gives it another.
        if (value.Producer is null || _outputs.ContainsValue(value)) value = value.Identity();
        value.Name = Unused(outputName);
        _outputs[outputName] = value;
        return value;
    }

    /// <summary>Draws the values of all parameters that have none yet, in the order in which they were added.</summary>
    public void Initialize(Artifacts.SeededRandom random)
    {
        foreach (var parameter in _parameters) parameter.Initialize(random);
    }

    /// <summary>Lets go of the values of all parameters, which something else now holds.</summary>
    internal void ReleaseValues()
    {
        foreach (var parameter in _parameters) parameter.ReleaseValue();
    }

    internal Tensor InputOf(string inputName, TensorType type)
    {
        var input = new Tensor(this, Unused(inputName), type);
        _inputs.Add(input);
        return input;
    }

    internal Tensor Add(string op, params Tensor?[] inputs) => Add(op, Attributes.None, inputs);

    internal Tensor Add(string op, Attributes attributes, params Tensor?[] inputs) => Add(op, attributes, 1, inputs)[0];

    internal IReadOnlyList<Tensor> Add(string op, Attributes attributes, int outputs, params Tensor?[] inputs) =>
        Add(Operators.Table[op], UniqueName(Scoped(op)), attributes, outputs, inputs);

    /// <summary>The same operator on other inputs, under a new name.</summary>
    internal IReadOnlyList<Tensor> AddAgain(Node node, IReadOnlyList<Tensor?> inputs) =>
        Add(node.Operator, UniqueName(Scoped(node.Operator.Name)), node.Attributes, node.OutputCount, inputs);

    internal IReadOnlyList<Tensor> Add(Operator op, string nodeName, Attributes attributes, int outputs, IReadOnlyList<Tensor?> inputs)
    {
        foreach (var input in inputs) Own(input, op.Name, nodeName);
        var node = new Node(op, nodeName, inputs, attributes, outputs) { Block = _block };
        _block?.Nodes.Add(node);
        var types = op.Infer(node);
        node.Outputs = [.. types.Take(outputs).Select((type, i) => new Tensor(this, i == 0 ? nodeName : UniqueName($"{nodeName}.{i}"), type, node))];
        _nodes.Add(node);
        return node.Outputs;
    }

    private void Own(Tensor? tensor, string op, string node)
    {
        if (tensor is not null && tensor.Graph != this)
            throw new GraphException($"{op} '{node}' of graph '{Name}' is given '{tensor.Name}' of another graph, '{tensor.Graph.Name}'");
    }

    /// <summary>This graph's parameter like one of another graph: of the same name, type and shape, and with the same values where both have some.</summary>
    internal Tensor Shared(Parameter other)
    {
        if (_parameters.Find(p => p.Name == other.Name) is not { } own) return Register(other.Like(new Tensor(this, Unused(other.Name), other.Tensor.Inferred)));
        if (own.Value is null && other.Value is not null) own.Set(other.Value);
        if (own.Tensor.Type != other.Tensor.Type || !own.Tensor.Shape.Equals(other.Tensor.Shape) || (other.Value is not null && !own.Value!.HasBytesOf(other.Value))) throw new GraphException(
            $"graph '{Name}' has a parameter '{own.Name}' of {own.Tensor.Type} {own.Tensor.Shape}, and graph '{other.Tensor.Graph.Name}' one of {other.Tensor.Type} {other.Tensor.Shape} with other values; parameters of one name are one parameter: rename one of them");
        return own.Tensor;
    }

    private Tensor Register(Parameter parameter)
    {
        _parameters.Add(parameter);
        return parameter.Tensor;
    }

    private string Scoped(string text) => _scope + text;

    private string Unused(string wanted) => _names.Add(wanted)
        ? wanted
        : throw new GraphException($"graph '{Name}' has two values named '{wanted}'; every input, parameter and output needs a name of its own");

    internal string FreeName(string wanted) => UniqueName(Scoped(wanted));

    private string UniqueName(string wanted)
    {
        if (_names.Add(wanted)) return wanted;
        while (true)
        {
            var number = _nextNumber[wanted] = _nextNumber.GetValueOrDefault(wanted) + 1;
            if (_names.Add($"{wanted}_{number}")) return $"{wanted}_{number}";
        }
    }

    private sealed class EndOfScope(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
