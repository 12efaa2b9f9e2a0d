using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>A forward-only graph, ready to run: batches in, named outputs out. It may be called from one thread at a time.</summary>
public sealed class InferenceModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly BorrowedWeights _weights;
    private readonly RuntimeOptions _options;

    private InferenceModel(InferenceSession session, BorrowedWeights weights, RuntimeOptions options) => (_session, _weights, _options) = (session, weights, options);

    /// <summary>The names of what a batch must hold.</summary>
    public IReadOnlyList<string> Inputs => _session.InputNames;

    public IReadOnlyList<string> Outputs => _session.OutputNames;

    /// <summary>Opens an ONNX file.</summary>
    /// <exception cref="DeviceUnavailableException">The device of the options is not there, or its memory is full.</exception>
    /// <exception cref="GraphException">The file is no ONNX graph that ONNX Runtime can run.</exception>
    public static InferenceModel Open(string path, RuntimeOptions? options = null) => Open(path, options, (session, _) => new InferenceSession(path, session));

    /// <summary>Opens a graph as it is in memory. Its parameters' values are not copied: they must not change while the model is open.</summary>
    /// <inheritdoc cref="Open(string, RuntimeOptions?)" path="/exception"/>
    public static InferenceModel Open(Graph graph, RuntimeOptions? options = null) => Open(graph.Name, options, (session, weights) =>
    {
        var model = GraphFile.ToModel(graph, graph.Outputs.Keys, ParametersAs.Initializers, weights.Lend).ToByteArray();
        weights.AddTo(session);
        return new InferenceSession(model, session);
    });

    /// <summary>What the input <paramref name="name"/> takes: the type of its elements, its sizes, −1 where any will do, and what the file calls those.</summary>
    public (ElementType Type, IReadOnlyList<int> Sizes, IReadOnlyList<string> Names) Input(string name) =>
        ((ElementType)_session.InputMetadata[name].ElementDataType, _session.InputMetadata[name].Dimensions, _session.InputMetadata[name].SymbolicDimensions);

    /// <summary>The sizes of the output <paramref name="name"/>, −1 where the file does not say them; empty where it says nothing.</summary>
    public IReadOnlyList<int> Output(string name) => _session.OutputMetadata[name].Dimensions;

    /// <summary>Why <paramref name="batch"/> does not fit the graph; null where it does.</summary>
    public string? Misfit(Batch batch) => OrtValues.Misfit(batch, _session.InputMetadata, Inputs);

    /// <summary>Runs one batch and copies its outputs out: all of them, or only those of the names <paramref name="wanted"/>.</summary>
    /// <exception cref="GraphException">The batch does not fit the graph, or ONNX Runtime refuses it (an index out of range, no memory).</exception>
    /// <exception cref="DeviceUnavailableException">The device's memory is full.</exception>
    public IReadOnlyDictionary<string, TensorData> Run(Batch batch, IReadOnlyList<string>? wanted = null)
    {
        OrtValues.Check(batch, _session.InputMetadata, Inputs);
        wanted ??= Outputs;
        var names = batch.Keys.ToList();
        var values = names.ConvertAll(name => OrtValues.Wrap(batch[name]));
        try
        {
            using var run = new RunOptions();
            using var outputs = _session.Run(run, names, values, wanted);
            return wanted.Zip(outputs, (name, value) => (name, value)).ToDictionary(o => o.name, o => OrtValues.Copy(o.value), StringComparer.Ordinal);
        }
        catch (OnnxRuntimeException e)
        {
            throw CudaDevice.Failure(_options, "the graph cannot run this batch", e);
        }
        finally
        {
            foreach (var value in values) value.Dispose();
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _weights.Dispose();
    }

    private static InferenceModel Open(string what, RuntimeOptions? options, Func<SessionOptions, BorrowedWeights, InferenceSession> open)
    {
        options ??= new RuntimeOptions();
        var weights = new BorrowedWeights();
        try
        {
            using var session = options.ToSessionOptions();
            return new InferenceModel(open(session, weights), weights, options);
        }
        catch (Exception e)
        {
            weights.Dispose(); // else what was lent stays pinned
            if (e is OnnxRuntimeException failure) throw CudaDevice.Failure(options, $"'{what}' cannot be run", failure);
            throw;
        }
    }
}
