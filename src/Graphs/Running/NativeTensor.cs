using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>A tensor in native memory that is bound to graphs once and stays where it is.</summary>
internal sealed unsafe class NativeTensor : IDisposable
{
    private const int Alignment = 64; // a cache line, and the widest vector register

    private readonly long _bytes;
    private byte* _memory;

    /// <summary>A tensor of zeros.</summary>
    public NativeTensor(ElementType type, long[] shape)
    {
        (Type, Shape) = (type, shape);
        _bytes = shape.Aggregate((long)type.Bytes(), (product, d) => product * d);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(_bytes, Alignment), Alignment);
        NativeMemory.Clear(_memory, (nuint)_bytes);
        Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (Microsoft.ML.OnnxRuntime.Tensors.TensorElementType)type, shape, (nint)_memory, _bytes);
    }

    public ElementType Type { get; }

    public long[] Shape { get; }

    public OrtValue Value { get; }

    /// <summary>The elements of a float tensor.</summary>
    public Span<float> Floats => new(_memory, checked((int)(_bytes / sizeof(float))));

    /// <summary>The same elements in a new array.</summary>
    public TensorData Read()
    {
        var data = TensorData.Zeros(Type, Shape);
        var source = _memory;
        data.FillChunks(bytes =>
        {
            new ReadOnlySpan<byte>(source, bytes.Length).CopyTo(bytes);
            source += bytes.Length;
        });
        return data;
    }

    /// <summary>Lets <paramref name="read"/> fill the elements' bytes piece by piece.</summary>
    public void FillChunks(Action<Span<byte>> read)
    {
        const int Chunk = 1 << 24;
        for (var done = 0L; done < _bytes; done += Chunk) read(new Span<byte>(_memory + done, (int)Math.Min(Chunk, _bytes - done)));
    }

    /// <summary>Takes over the elements of <paramref name="data"/>, which has the same type and shape.</summary>
    public void Write(TensorData data)
    {
        var target = _memory;
        data.ForEachChunk(bytes =>
        {
            bytes.CopyTo(new Span<byte>(target, bytes.Length));
            target += bytes.Length;
        });
    }

    public void Dispose()
    {
        if (_memory is null) return;
        Value.Dispose();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
