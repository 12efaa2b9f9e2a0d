using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>The memory that holds the tensors of a training, so that its graphs find them where they run.</summary>
internal abstract class TensorMemory : IDisposable
{
    /// <summary>That of the device of <paramref name="options"/>.</summary>
    /// <exception cref="DeviceUnavailableException">The device is not there.</exception>
    public static TensorMemory Of(RuntimeOptions options) => options.Device == "cpu" ? new HostMemory() : new DeviceMemory(options);

    /// <summary>Whether an input that was bound is a copy here, so that it need not be bound again for as long as it is the same.</summary>
    public abstract bool CopiesInputs { get; }

    /// <summary>A tensor whose elements hold anything until they are written.</summary>
    public abstract BoundTensor Allocate(ElementType type, long[] shape);

    /// <summary>A tensor with the elements of <paramref name="data"/>, in the host's memory its array itself.</summary>
    public abstract BoundTensor Hold(TensorData data);

    /// <summary>Binds an input. What lies in other memory is copied here, now and not when the graph runs: what is written into it later is not seen.</summary>
    public virtual void BindInput(OrtIoBinding binding, string name, OrtValue value) => binding.BindInput(name, value);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>The host's memory, which graphs on the CPU read and write where it is.</summary>
internal sealed class HostMemory : TensorMemory
{
    public override bool CopiesInputs => false;

    public override BoundTensor Allocate(ElementType type, long[] shape) => new NativeTensor(type, shape);

    public override BoundTensor Hold(TensorData data) => NativeTensor.Over(data);
}
