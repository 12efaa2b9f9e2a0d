using Google.Protobuf;
using LmmRec.Graphs.Kernels;
using LmmRec.Graphs.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs.Tests.Kernels;

/// <summary>A session over one node of the library's own domain, run by its kernel on a number of threads.</summary>
internal sealed class OneNode : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    /// <summary>Gives the kernel its first <paramref name="count"/> inputs and leaves out the others, which must be optional.</summary>
    public OneNode(Kernel kernel, int count, int threads = 2)
    {
        var inputs = kernel.Inputs.Take(count).ToList();
        _inputs = [.. inputs.Select((_, i) => $"x{i}")];
        _outputs = [.. kernel.Outputs.Select((_, i) => $"y{i}")];
        var graph = new GraphProto
        {
            Name = kernel.Name,
            Node = { new NodeProto { OpType = kernel.Name, Domain = Own.Domain, Input = { _inputs }, Output = { _outputs } } },
            Input = { inputs.Select((input, i) => new ValueInfoProto { Name = _inputs[i], Type = TypeOf(input.Type) }) },
            Output = { _outputs.Select(name => new ValueInfoProto { Name = name, Type = TypeOf(ElementType.Float32) }) },
        };
        var model = new ModelProto
        {
            IrVersion = 10,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Version = 20 }, new OperatorSetIdProto { Domain = Own.Domain, Version = 1 } },
        };
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        options.AddKernels();
        _session = new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>The outputs' elements.</summary>
    public float[][] Run(params (Array Values, long[] Shape)[] inputs)
    {
        var values = inputs.Select(input => input.Values switch
        {
            float[] v => OrtValue.CreateTensorValueFromMemory(v, input.Shape),
            int[] v => OrtValue.CreateTensorValueFromMemory(v, input.Shape),
            double[] v => OrtValue.CreateTensorValueFromMemory(v, input.Shape),
            long[] v => OrtValue.CreateTensorValueFromMemory(v, input.Shape),
            _ => throw new ArgumentException("no such element type here", nameof(inputs)),
        }).ToList();
        try
        {
            using var runOptions = new RunOptions();
            using var results = _session.Run(runOptions, _inputs, values, _outputs);
            return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    public void Dispose() => _session.Dispose();

    private static TypeProto TypeOf(ElementType type) => new() { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } };
}
