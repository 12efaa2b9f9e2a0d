using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

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

    private readonly RuntimeOptions _options;
    private readonly InferenceSession _copier;
    private readonly OrtAllocator _allocator;
    private readonly IDisposable _infos; // ONNX Runtime's list, which owns Info
    private readonly RunOptions _run = new();
    private readonly Lazy<BoundTensor> _zeros;

    /// <exception cref="DeviceUnavailableException">The device is not there, or its memory is full.</exception>
    public DeviceMemory(RuntimeOptions options)
    {
        _options = options;
        var g = new Graph("copy");
        g.Output(To, g.Input(From, ElementType.UInt8, ["bytes"]).Identity());
        try
        {
            using var session = options.ToSessionOptions();
            _copier = new InferenceSession(GraphFile.ToModel(g, g.Outputs.Keys, ParametersAs.Initializers).ToByteArray(), session);
            var infos = _copier.GetMemoryInfosForInputs();
            (_infos, Info) = (infos, infos[0]);
            _allocator = new OrtAllocator(_copier, Info);
        }
        catch (OnnxRuntimeException e)
        {
            _infos?.Dispose();
            _copier?.Dispose();
            throw CudaDevice.Failure(options, $"the memory of device '{options.Device}' cannot be used", e);
        }
        _zeros = new Lazy<BoundTensor>(() => Hold(TensorData.Zeros(ElementType.UInt8, ZeroBytes)));
    }

    /// <summary>Zeros of this memory, from which others are copied without crossing the bus.</summary>
    public DeviceTensor Zeros => (DeviceTensor)_zeros.Value;

    /// <summary>As ONNX Runtime names it.</summary>
    public OrtMemoryInfo Info { get; }

    public override bool CopiesInputs => true;

    public override BoundTensor Allocate(ElementType type, long[] shape) => Own(new DeviceTensor(this, type, shape));

    public override BoundTensor Hold(TensorData data)
    {
        var tensor = Allocate(data.Type, data.Shape);
        tensor.Write(data);
        return tensor;
    }

    /// <summary>Room for <paramref name="bytes"/>.</summary>
    /// <exception cref="DeviceUnavailableException">The memory is full.</exception>
    public OrtValue Take(long bytes)
    {
        try
        {
            return TakeWords(Math.Max(1, (bytes + sizeof(ulong) - 1) / sizeof(ulong)));
        }
        catch (OnnxRuntimeException e)
        {
            throw CudaDevice.Full(_options, $"{bytes} bytes of a training's tensors beside the {Bytes} that they take already", e);
        }
    }

    /// <summary>Bytes at an address of this memory, as ONNX Runtime takes them.</summary>
    public OrtValue BytesAt(nint address, long count) =>
        OrtValue.CreateTensorValueWithData(Info, TensorElementType.UInt8, [count], address, count);

    /// <summary>Copies bytes into this memory, out of it or within it.</summary>
    public virtual void Copy(OrtValue from, OrtValue to)
    {
        try
        {
            using var binding = _copier.CreateIoBinding();
            binding.BindInput(From, from);
            binding.BindOutput(To, to);
            _copier.RunWithBinding(_run, binding);
        }
        catch (OnnxRuntimeException e)
        {
            throw CudaDevice.Failure(_options, $"nothing can be copied into the memory of device '{_options.Device}' or out of it", e);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _allocator.Dispose();
        _infos.Dispose();
        _run.Dispose();
        _copier.Dispose();
    }

    protected override Place Place => Place.Device;

    /// <summary>Room for so many elements of the widest type, because a span counts no more than 2³¹ of them.</summary>
    protected virtual OrtValue TakeWords(long words) => OrtValue.CreateAllocatedTensorValue(_allocator, TensorElementType.UInt64, [words]);
}
