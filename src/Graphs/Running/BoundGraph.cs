using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>
/// A session whose tables are bound to native buffers, in one or two layouts. On the CPU they are bound once and only the batch is bound at each
/// run. On another device binding an input copies it there, so all inputs are bound again at each run: what the optimizer wrote is seen, at the cost
/// of the copies. No buffer may be input and output of one layout: ONNX Runtime then gives silently wrong results (ARCHITECTURE.md).
/// </summary>
internal sealed class BoundGraph : IDisposable
{
    private readonly string _path;
    private readonly InferenceSession _session;
    private readonly OrtIoBinding[] _layouts;
    private readonly IReadOnlyCollection<string> _batchInputs;
    private readonly Dictionary<string, NativeTensor>[] _copied; // by layout; empty on the CPU
    private readonly RunOptions _run = new();

    /// <summary>Opens <paramref name="path"/>; each of <paramref name="layouts"/> says which buffer an input or output name has, the rest is the batch.</summary>
    public BoundGraph(string path, RuntimeOptions options, params Func<string, NativeTensor?>[] layouts)
    {
        using var sessionOptions = options.ToSessionOptions(sharedArena: true); // graphs of a training take turns
        _path = path;
        try
        {
            _session = new InferenceSession(path, sessionOptions);
            _batchInputs = [.. _session.InputNames.Where(name => layouts[0](name) is null)];
            _layouts = Array.ConvertAll(layouts, Bind);
            _copied = Array.ConvertAll(layouts, buffers => options.Device == "cpu" ? [] : _session.InputNames.Except(_batchInputs).ToDictionary(name => name, name => buffers(name)!));
        }
        catch (OnnxRuntimeException e)
        {
            _session?.Dispose();
            throw new GraphException($"'{path}' cannot be run: {e.Message.Trim()}", e);
        }
    }

    /// <summary>What is fed at each run.</summary>
    public IReadOnlyCollection<string> BatchInputs => _batchInputs;

    /// <summary>The names of the outputs.</summary>
    public IReadOnlyList<string> Outputs => _session.OutputNames;

    /// <summary>Runs with one layout; results are in the bound buffers.</summary>
    public void Run(int layout, Batch batch)
    {
        OrtValues.Check(batch, _session.InputMetadata, _batchInputs);
        var values = batch.Select(b => (b.Key, Value: OrtValues.Wrap(b.Value))).ToList();
        try
        {
            foreach (var (name, buffer) in _copied[layout]) _layouts[layout].BindInput(name, buffer.Value);
            foreach (var (name, value) in values) _layouts[layout].BindInput(name, value);
            _session.RunWithBinding(_run, _layouts[layout]);
        }
        catch (OnnxRuntimeException e)
        {
            throw new GraphException($"'{_path}' cannot run this batch: {e.Message.Trim()}", e);
        }
        finally
        {
            foreach (var (_, value) in values) value.Dispose();
        }
    }

    /// <summary>Runs with one layout and copies those outputs out that no buffer is bound to.</summary>
    public IReadOnlyDictionary<string, TensorData> RunAndCopy(int layout, Batch batch)
    {
        Run(layout, batch);
        using var outputs = _layouts[layout].GetOutputValues();
        return _layouts[layout].GetOutputNames().Zip(outputs, (name, value) => (name, value)).ToDictionary(o => o.name, o => OrtValues.Copy(o.value), StringComparer.Ordinal);
    }

    public void Dispose()
    {
        foreach (var layout in _layouts) layout.Dispose();
        _run.Dispose();
        _session.Dispose();
    }

    private OrtIoBinding Bind(Func<string, NativeTensor?> buffers)
    {
        var binding = _session.CreateIoBinding();
        foreach (var name in _session.InputNames)
            if (buffers(name) is { } buffer) binding.BindInput(name, buffer.Value);
        foreach (var name in _session.OutputNames)
            if (buffers(name) is { } buffer) binding.BindOutput(name, buffer.Value);
            else binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
        return binding;
    }
}
