using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>
/// A session whose tables are bound to tensors in memory, in one or two layouts, when it is opened; only the batch is bound at each run. No tensor
/// may be input and output of one layout: ONNX Runtime then gives silently wrong results (ARCHITECTURE.md). An input is bound to the memory that the
/// session runs on: a tensor of another memory would be copied when it is bound, and what is written into it later never seen.
/// </summary>
internal sealed class BoundGraph : IDisposable
{
    private readonly string _name;
    private readonly RuntimeOptions _options;
    private readonly TensorMemory _memory;
    private readonly InferenceSession _session;
    private readonly List<OrtIoBinding> _layouts = [];
    private readonly Dictionary<(int Layout, string Name), Binding> _bindings = [];
    private readonly Dictionary<(int Layout, string Name), (TensorData Data, OrtValue Value)> _lasting = []; // bound until another takes its place
    private readonly RunOptions _run = new();
    private readonly List<string> _made = []; // outputs that no tensor is bound to

    /// <summary>Opens the file <paramref name="path"/>; each of <paramref name="layouts"/> says which tensor an input or output name has, the rest is the batch.</summary>
    /// <param name="path">the ONNX file</param>
    /// <param name="options">how it runs</param>
    /// <param name="memory">that of the device of the options</param>
    /// <param name="layouts">by name a tensor of this memory, or for outputs also one of the host's, to which the output is copied at each run</param>
    public BoundGraph(string path, RuntimeOptions options, TensorMemory memory, params Func<string, BoundTensor?>[] layouts)
        : this(path, session => new InferenceSession(path, session), options, memory, layouts)
    {
    }

    /// <summary>Opens a graph as it is in memory.</summary>
    /// <inheritdoc cref="BoundGraph(string, RuntimeOptions, TensorMemory, Func{string, BoundTensor}[])" path="/param"/>
    public BoundGraph(Graph graph, RuntimeOptions options, TensorMemory memory, params Func<string, BoundTensor?>[] layouts)
        : this(graph.Name, session => new InferenceSession(GraphFile.ToModel(graph, graph.Outputs.Keys, ParametersAs.Inputs).ToByteArray(), session), options, memory, layouts)
    {
    }

    private BoundGraph(string name, Func<SessionOptions, InferenceSession> open, RuntimeOptions options, TensorMemory memory, Func<string, BoundTensor?>[] layouts)
    {
        using var sessionOptions = options.ToSessionOptions(sharedArena: true); // graphs of a training take turns
        (_name, _options, _memory) = (name, options, memory);
        try
        {
            _session = open(sessionOptions);
            BatchInputs = [.. _session.InputNames.Where(name => layouts[0](name) is null)];
            _made.AddRange(_session.OutputNames.Where(name => layouts[0](name) is null));
            foreach (var tensors in layouts) Bind(tensors);
        }
        catch (OnnxRuntimeException e)
        {
            Dispose();
            throw CudaDevice.Failure(options, $"'{name}' cannot be run", e);
        }
    }

    /// <summary>What is fed at each run.</summary>
    public IReadOnlyCollection<string> BatchInputs { get; }

    /// <summary>The names of the outputs.</summary>
    public IReadOnlyList<string> Outputs => _session.OutputNames;

    /// <summary>What all inputs and outputs are bound to.</summary>
    public IReadOnlyCollection<Binding> Bindings => _bindings.Values;

    /// <summary>Runs with one layout; results are in the bound tensors.</summary>
    public void Run(int layout, Batch batch)
    {
        OrtValues.Check(batch, _session.InputMetadata, BatchInputs);
        var values = new List<OrtValue>(); // needed for this run alone
        try
        {
            foreach (var (name, data) in batch)
            {
                var lasts = _memory.CopiesInputs && batch.Lasting.Contains(name);
                if (_lasting.TryGetValue((layout, name), out var before))
                {
                    if (lasts && ReferenceEquals(before.Data, data)) continue;
                    before.Value.Dispose();
                    _lasting.Remove((layout, name));
                }
                var value = OrtValues.Wrap(data);
                if (lasts) _lasting[(layout, name)] = (data, value); // stays pinned: what the device's nodes do not read is not copied
                else values.Add(value);
                _memory.BindInput(_layouts[layout], name, value);
                Note(layout, name, isInput: true, Place.Host, eachRun: true, data.Values.LongLength * data.Type.Bytes());
            }
            foreach (var name in _made) _layouts[layout].BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance); // else it would have to fit where the last run's is
            _session.RunWithBinding(_run, _layouts[layout]);
        }
        catch (OnnxRuntimeException e)
        {
            throw CudaDevice.Failure(_options, $"'{_name}' cannot run this batch", e);
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    /// <summary>Runs with one layout and copies those outputs out that no tensor is bound to.</summary>
    public IReadOnlyDictionary<string, TensorData> RunAndCopy(int layout, Batch batch)
    {
        Run(layout, batch);
        var binding = _layouts[layout];
        using var outputs = binding.GetOutputValues();
        return binding.GetOutputNames().Zip(outputs, (name, value) => (name, value)).ToDictionary(o => o.name, o => OrtValues.Copy(o.value), StringComparer.Ordinal);
    }

    public void Dispose()
    {
        foreach (var layout in _layouts) layout.Dispose();
        foreach (var (_, value) in _lasting.Values) value.Dispose();
        _run.Dispose();
        _session?.Dispose();
    }

    private void Bind(Func<string, BoundTensor?> tensors)
    {
        var (layout, binding) = (_layouts.Count, _session.CreateIoBinding());
        _layouts.Add(binding);
        foreach (var name in _session.InputNames)
        {
            if (tensors(name) is not { } tensor) continue;
            _memory.BindInput(binding, name, tensor.Value);
            Note(layout, name, isInput: true, tensor.Place, eachRun: false, tensor.Bytes);
        }
        foreach (var name in _session.OutputNames)
        {
            var tensor = tensors(name);
            if (tensor is not null) binding.BindOutput(name, tensor.Value);
            Note(layout, name, isInput: false, tensor?.Place ?? Place.Host, eachRun: tensor is null, tensor?.Bytes ?? 0);
        }
    }

    private void Note(int layout, string name, bool isInput, Place place, bool eachRun, long bytes) => _bindings[(layout, name)] =
        new Binding(Path.GetFileName(_name), layout, name, isInput, place, eachRun, bytes, 1 + (_bindings.TryGetValue((layout, name), out var before) ? before.Times : 0));
}
