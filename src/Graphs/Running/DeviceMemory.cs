using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>
/// The memory of the device on which graphs run. ONNX Runtime's <c>CopyTensors</c> does not know the devices of a session, so copies are runs of a
/// graph that does nothing else: what is bound as its input or output crosses between the memories.
/// </summary>
internal class DeviceMemory : TensorMemory
{
    /// <summary>The size of <see cref="Zeros"/>.</summary>
    public const int ZeroBytes = 1 << 22;

    private const string From = "from", To = "to";

    private readonly InferenceSession _copier;
    private readonly OrtMemoryInfo _info;
    private readonly OrtAllocator _allocator;
    private readonly IDisposable _infos; // ONNX Runtime's list, which owns _info
    private readonly RunOptions _run = new();
    private readonly Lazy<BoundTensor> _zeros;

    public DeviceMemory(RuntimeOptions options)
    {
        var g = new Graph("copy");
        g.Output(To, g.Input(From, ElementType.UInt8, ["bytes"]).Identity());
        using var session = options.ToSessionOptions();
        _copier = new InferenceSession(GraphFile.ToModel(g, g.Outputs.Keys, ParametersAs.Initializers).ToByteArray(), session);
        var infos = _copier.GetMemoryInfosForInputs();
        (_infos, _info) = (infos, infos[0]);
        _allocator = new OrtAllocator(_copier, _info);
        _zeros = new Lazy<BoundTensor>(() => Hold(TensorData.Zeros(ElementType.UInt8, ZeroBytes)));
    }

    /// <summary>Zeros of this memory, from which others are copied without crossing the bus.</summary>
    public DeviceTensor Zeros => (DeviceTensor)_zeros.Value;

    public override bool CopiesInputs => true;

    public override BoundTensor Allocate(ElementType type, long[] shape) => new DeviceTensor(this, _allocator, type, shape);

    public override BoundTensor Hold(TensorData data)
    {
        var tensor = Allocate(data.Type, data.Shape);
        tensor.Write(data);
        return tensor;
    }

    /// <summary>Bytes at an address of this memory, as ONNX Runtime takes them.</summary>
    public OrtValue BytesAt(nint address, long count) =>
        OrtValue.CreateTensorValueWithData(_info, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8, [count], address, count);

    /// <summary>Copies bytes into this memory, out of it or within it.</summary>
    public virtual void Copy(OrtValue from, OrtValue to)
    {
        using var binding = _copier.CreateIoBinding();
        binding.BindInput(From, from);
        binding.BindOutput(To, to);
        _copier.RunWithBinding(_run, binding);
    }

    public override void Dispose()
    {
        if (_zeros.IsValueCreated) _zeros.Value.Dispose();
        _allocator.Dispose();
        _infos.Dispose();
        _run.Dispose();
        _copier.Dispose();
        base.Dispose();
    }
}
