using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>A tensor in native memory, or in a pinned array, that is bound to graphs once and stays where it is.</summary>
internal sealed unsafe class NativeTensor : ITensorBytes, IDisposable
{
    private const int Chunk = 1 << 24; // bytes that are handed out at once
    private const int Alignment = 64; // a cache line, and the widest vector register

    private GCHandle _array; // allocated where the memory is an array's
    private byte* _memory;

    /// <summary>A tensor of zeros.</summary>
    public NativeTensor(ElementType type, long[] shape) : this(type, shape, null)
    {
    }

    private NativeTensor(ElementType type, long[] shape, Array? array)
    {
        (Type, Shape) = (type, shape);
        Bytes = shape.Aggregate((long)type.Bytes(), (product, d) => product * d);
        if (array is null)
        {
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(Bytes, Alignment), Alignment);
            NativeMemory.Clear(_memory, (nuint)Bytes);
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

    public ElementType Type { get; }

    public long[] Shape { get; }

    public OrtValue Value { get; }

    /// <summary>The size of all elements together.</summary>
    public long Bytes { get; }

    /// <summary>Where the first element lies.</summary>
    public nint Address => (nint)_memory;

    /// <summary>The elements of a float tensor.</summary>
    public Span<float> Floats => new(_memory, checked((int)(Bytes / sizeof(float))));

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
        for (var done = 0L; done < Bytes; done += Chunk) read(new Span<byte>(_memory + done, (int)Math.Min(Chunk, Bytes - done)));
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

    /// <summary>Copies of some rows of a float tensor, [m × …].</summary>
    public TensorData ReadRows(IReadOnlyList<int> rows)
    {
        var width = RowWidth;
        var values = new float[rows.Count * width];
        for (var i = 0; i < rows.Count; i++) Floats.Slice(rows[i] * width, width).CopyTo(values.AsSpan(i * width));
        return TensorData.Of(values, [rows.Count, .. Shape[1..]]);
    }

    /// <summary>Takes over some rows of a float tensor.</summary>
    public void WriteRows(IReadOnlyList<int> rows, ReadOnlySpan<float> values)
    {
        var width = RowWidth;
        for (var i = 0; i < rows.Count; i++) values.Slice(i * width, width).CopyTo(Floats[(rows[i] * width)..]);
    }

    /// <summary>Hands the elements' bytes out in pieces.</summary>
    public void ForEachChunk(Action<ReadOnlySpan<byte>> write)
    {
        for (var done = 0L; done < Bytes; done += Chunk) write(new ReadOnlySpan<byte>(_memory + done, (int)Math.Min(Chunk, Bytes - done)));
    }

    private int RowWidth => (int)Shape[1..].Aggregate(1L, (product, d) => product * d);

    public void Dispose()
    {
        if (_memory is null) return;
        Value.Dispose();
        if (_array.IsAllocated) _array.Free();
        else NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
