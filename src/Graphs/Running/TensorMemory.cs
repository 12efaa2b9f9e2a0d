using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>The memory that holds the tensors of a training, so that its graphs find them where they run. They live as long as it does.</summary>
internal abstract class TensorMemory : IDisposable
{
    private readonly List<BoundTensor> _tensors = [];

    /// <summary>That of the device of <paramref name="options"/>.</summary>
    /// <exception cref="DeviceUnavailableException">The device is not there, or its memory is full.</exception>
    public static TensorMemory Of(RuntimeOptions options) => options.Device == "cpu" ? new HostMemory() : new DeviceMemory(options);

    /// <summary>Whether an input that was bound is a copy here, so that it need not be bound again for as long as it is the same.</summary>
    public abstract bool CopiesInputs { get; }

    /// <summary>The size of all tensors here, without those of the host's memory that a device has too.</summary>
    public long Bytes => _tensors.Where(tensor => tensor.Place == Place).Sum(tensor => tensor.Bytes);

    /// <summary>Which memory it is.</summary>
    protected abstract Place Place { get; }

    /// <summary>A tensor whose elements hold anything until they are written.</summary>
    /// <exception cref="DeviceUnavailableException">The device's memory is full.</exception>
    public abstract BoundTensor Allocate(ElementType type, long[] shape);

    /// <summary>A tensor with the elements of <paramref name="data"/>, in the host's memory its array itself.</summary>
    public abstract BoundTensor Hold(TensorData data);

    /// <summary>A number in the host's memory, whatever this one is, to which a graph brings what is read there.</summary>
    public NativeTensor AllocateNumber(ElementType type) => Own(new NativeTensor(type, []));

    /// <summary>Binds an input. What lies in other memory is copied here, now and not when the graph runs: what is written into it later is not seen.</summary>
    public virtual void BindInput(OrtIoBinding binding, string name, OrtValue value) => binding.BindInput(name, value);

    public virtual void Dispose()
    {
        _tensors.ForEach(tensor => tensor.Dispose());
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes of <paramref name="tensor"/> with this memory, unless somebody did so before.</summary>
    protected T Own<T>(T tensor) where T : BoundTensor
    {
        _tensors.Add(tensor);
        return tensor;
    }
}

/// <summary>The host's memory, which graphs on the CPU read and write where it is.</summary>
internal sealed class HostMemory : TensorMemory
{
    public override bool CopiesInputs => false;

    public override BoundTensor Allocate(ElementType type, long[] shape) => Own(new NativeTensor(type, shape));

    public override BoundTensor Hold(TensorData data) => Own(NativeTensor.Over(data));

    protected override Place Place => Place.Host;
}
