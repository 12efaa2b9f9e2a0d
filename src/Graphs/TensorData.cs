using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>Values in memory: element type, shape and a row-major array. What goes into and comes out of graphs, sessions and files.</summary>
public sealed class TensorData : ITensorBytes
{
    private TensorData(Array values, long[] shape)
    {
        Values = values;
        Shape = shape;
        Type = ElementTypes.Of(values.GetType().GetElementType()!);
        var size = shape.Aggregate(1L, (product, d) => product * d);
        if (size != values.LongLength)
            throw new GraphException($"{values.LongLength} values do not fill a tensor of shape [{string.Join(", ", shape)}] with {size} elements");
    }

    public ElementType Type { get; }

    /// <summary>The sizes of the dimensions; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>The elements, row-major.</summary>
    public Array Values { get; }

    /// <summary>Wraps <paramref name="values"/> without copying; without a shape it is a vector.</summary>
    public static TensorData Of<T>(T[] values, params long[] shape) where T : unmanaged => new(values, shape.Length == 0 ? [values.LongLength] : shape);

    /// <summary>A tensor of rank 0.</summary>
    public static TensorData Scalar<T>(T value) where T : unmanaged => new(new[] { value }, []);

    /// <summary>A tensor of zeros.</summary>
    public static TensorData Zeros(ElementType type, params long[] shape) =>
        new(Array.CreateInstance(type.Clr(), shape.Aggregate(1L, (product, d) => product * d)), shape);

    /// <summary>The elements; throws where <typeparamref name="T"/> is not their type.</summary>
    public T[] As<T>() where T : unmanaged => Values as T[]
        ?? throw new GraphException($"the tensor holds {Type}, not {typeof(T).Name}");

    /// <summary>The same elements under another shape, without copying.</summary>
    public TensorData Reshaped(params long[] shape) => new(Values, shape);

    /// <summary>The same numbers as elements of another type, where that is common among inputs of graphs: itself where there is no such form.</summary>
    public TensorData To(ElementType type) => (Values, type) switch
    {
        (float[] v, ElementType.Float16) => new(Array.ConvertAll(v, x => (Float16)x), Shape),
        (long[] v, ElementType.Int32) => new(Array.ConvertAll(v, x => checked((int)x)), Shape),
        (long[] v, ElementType.Float32) => new(Array.ConvertAll(v, x => (float)x), Shape),
        (long[] v, ElementType.Bool) => new(Array.ConvertAll(v, x => x != 0), Shape),
        _ => this,
    };

    /// <summary>The elements as 32-bit floats: itself, or widened from a shorter float type.</summary>
    public float[] ToFloats() => Values switch
    {
        float[] v => v,
        double[] v => Array.ConvertAll(v, x => (float)x),
        Float16[] v => Array.ConvertAll(v, x => x.ToFloat()),
        BFloat16[] v => Array.ConvertAll(v, x => x.ToFloat()),
        _ => throw new GraphException($"the tensor holds {Type}, not floating-point numbers"),
    };

    /// <summary>A matrix with rows and columns exchanged, in 32-bit floats.</summary>
    public TensorData Transposed()
    {
        var (rows, columns, source) = ((int)Shape[0], (int)Shape[1], ToFloats());
        var result = new float[source.Length];
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++) result[c * rows + r] = source[r * columns + c];
        return Of(result, columns, rows);
    }

    /// <summary>Hands the elements' bytes out in pieces, because a span cannot hold more than 2 GiB of them.</summary>
    internal void ForEachChunk(Action<ReadOnlySpan<byte>> write) => ForEachBytes(bytes => write(bytes));

    /// <summary>Lets <paramref name="read"/> fill the elements' bytes piece by piece.</summary>
    internal void FillChunks(Action<Span<byte>> read) => ForEachBytes(bytes => read(bytes));

    void ITensorBytes.ForEachChunk(Action<ReadOnlySpan<byte>> write) => ForEachChunk(write);

    /// <summary>Whether type, shape and the bytes of all elements are the same.</summary>
    internal bool HasBytesOf(TensorData other)
    {
        if (ReferenceEquals(Values, other.Values)) return Shape.SequenceEqual(other.Shape);
        if (Type != other.Type || !Shape.SequenceEqual(other.Shape)) return false;
        var (same, element) = (true, 0L);
        ForEachChunk(bytes =>
        {
            var count = bytes.Length / Type.Bytes();
            same = same && bytes.SequenceEqual(other.BytesOf(element, count));
            element += count;
        });
        return same;
    }

    private delegate void OnBytes(Span<byte> bytes);

    private void ForEachBytes(OnBytes action)
    {
        const long Chunk = 1 << 24;
        for (var start = 0L; start < Values.LongLength; start += Chunk) action(BytesOf(start, (int)Math.Min(Chunk, Values.LongLength - start)));
    }

    private Span<byte> BytesOf(long start, int count)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(Values);
        return MemoryMarshal.CreateSpan(ref System.Runtime.CompilerServices.Unsafe.AddByteOffset(ref first, (nint)(start * Type.Bytes())), count * Type.Bytes());
    }
}

/// <summary>Where a file's tensors come from: an array or native memory.</summary>
internal interface ITensorBytes
{
    ElementType Type { get; }

    long[] Shape { get; }

    /// <summary>Hands the elements' bytes out in pieces.</summary>
    void ForEachChunk(Action<ReadOnlySpan<byte>> write);
}
