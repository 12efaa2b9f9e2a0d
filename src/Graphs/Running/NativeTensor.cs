using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>A tensor in the host's memory: native, or that of a pinned array.</summary>
internal sealed unsafe class NativeTensor : BoundTensor
{
    private const int Alignment = 64; // a cache line, and the widest vector register

    private GCHandle _array; // allocated where the memory is an array's
    private byte* _memory;

    /// <summary>A tensor of zeros.</summary>
    public NativeTensor(ElementType type, long[] shape) : this(type, shape, null)
    {
    }

    private NativeTensor(ElementType type, long[] shape, Array? array) : base(type, shape)
    {
        if (array is null)
        {
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(Bytes, Alignment), Alignment);
            Clear();
        }
        else
        {
            _array = GCHandle.Alloc(array, GCHandleType.Pinned);
            _memory = (byte*)_array.AddrOfPinnedObject();
        }
        Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (Microsoft.ML.OnnxRuntime.Tensors.TensorElementType)type, shape, (nint)_memory, Bytes);
    }

    /// <summary>A tensor over the array of <paramref name="data"/> itself, which stays pinned until the tensor is disposed of.</summary>
    public static NativeTensor Over(TensorData data)
    {
        if (data.Type != ElementType.Bool) return new NativeTensor(data.Type, data.Shape, data.Values);
        var copy = new NativeTensor(data.Type, data.Shape); // .NET pins no arrays of truth values
        copy.Write(data);
        return copy;
    }

    public override Place Place => Place.Host;

    public override OrtValue Value { get; }

    /// <summary>Where the first element lies.</summary>
    public nint Address => (nint)_memory;

    /// <summary>The elements of a float tensor.</summary>
    public Span<float> Floats => new(_memory, checked((int)(Bytes / sizeof(float))));

    public override void CopyIn(long offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(new Span<byte>(_memory + offset, bytes.Length));

    public override void CopyOut(long offset, Span<byte> bytes) => new ReadOnlySpan<byte>(_memory + offset, bytes.Length).CopyTo(bytes);

    public override void Clear() => NativeMemory.Clear(_memory, (nuint)Bytes);

    public override void FillChunks(Action<Span<byte>> read)
    {
        for (var done = 0L; done < Bytes; done += Chunk) read(new Span<byte>(_memory + done, (int)Math.Min(Chunk, Bytes - done)));
    }

    public override void ForEachChunk(Action<ReadOnlySpan<byte>> write)
    {
        for (var done = 0L; done < Bytes; done += Chunk) write(new ReadOnlySpan<byte>(_memory + done, (int)Math.Min(Chunk, Bytes - done)));
    }

    public override void Dispose()
    {
        if (_memory is null) return;
        Value.Dispose();
        if (_array.IsAllocated) _array.Free();
        else NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
