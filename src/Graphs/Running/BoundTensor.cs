using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>Which memory a tensor lies in.</summary>
internal enum Place
{
    /// <summary>The host's, where C# reads and writes.</summary>
    Host,

    /// <summary>A device's, which only copies reach.</summary>
    Device,
}

/// <summary>A tensor that is bound to graphs once and stays where it is.</summary>
internal abstract class BoundTensor(ElementType type, long[] shape) : ITensorBytes, IDisposable
{
    private protected const int Chunk = 1 << 24; // bytes that are handed out at once

    public ElementType Type { get; } = type;

    public long[] Shape { get; } = shape;

    /// <summary>The size of all elements together.</summary>
    public long Bytes { get; } = shape.Aggregate((long)type.Bytes(), (product, d) => product * d);

    public abstract Place Place { get; }

    /// <summary>What a graph is bound to.</summary>
    public abstract OrtValue Value { get; }

    /// <summary>Takes over <paramref name="bytes"/> of elements, from the byte <paramref name="offset"/> on.</summary>
    public abstract void CopyIn(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Fills <paramref name="bytes"/> with those of the elements from the byte <paramref name="offset"/> on.</summary>
    public abstract void CopyOut(long offset, Span<byte> bytes);

    /// <summary>Makes all elements zero.</summary>
    public abstract void Clear();

    /// <summary>The same elements in a new array.</summary>
    public TensorData Read()
    {
        var data = TensorData.Zeros(Type, Shape);
        var done = 0L;
        data.FillChunks(bytes =>
        {
            CopyOut(done, bytes);
            done += bytes.Length;
        });
        return data;
    }

    /// <summary>Takes over the elements of <paramref name="data"/>, which has the same type and shape.</summary>
    public void Write(TensorData data)
    {
        var done = 0L;
        data.ForEachChunk(bytes =>
        {
            CopyIn(done, bytes);
            done += bytes.Length;
        });
    }

    /// <summary>Copies of some rows of a float tensor, [m × …]. Rows that follow one another are copied at once.</summary>
    public TensorData ReadRows(IReadOnlyList<int> rows)
    {
        var data = TensorData.Zeros(Type, [rows.Count, .. Shape[1..]]);
        foreach (var (offset, floats) in Runs(rows, data.As<float>())) CopyOut(offset, MemoryMarshal.AsBytes(floats.Span));
        return data;
    }

    /// <summary>Takes over some rows of a float tensor. Rows that follow one another are copied at once.</summary>
    public void WriteRows(IReadOnlyList<int> rows, float[] values)
    {
        foreach (var (offset, floats) in Runs(rows, values)) CopyIn(offset, MemoryMarshal.AsBytes(floats.Span));
    }

    /// <summary>Lets <paramref name="read"/> fill the elements' bytes piece by piece.</summary>
    public virtual void FillChunks(Action<Span<byte>> read)
    {
        var chunk = new byte[Math.Min(Chunk, Bytes)];
        for (var done = 0L; done < Bytes; done += chunk.Length)
        {
            var bytes = chunk.AsSpan(0, (int)Math.Min(chunk.Length, Bytes - done));
            read(bytes);
            CopyIn(done, bytes);
        }
    }

    /// <summary>Hands the elements' bytes out in pieces.</summary>
    public virtual void ForEachChunk(Action<ReadOnlySpan<byte>> write)
    {
        var chunk = new byte[Math.Min(Chunk, Bytes)];
        for (var done = 0L; done < Bytes; done += chunk.Length)
        {
            var bytes = chunk.AsSpan(0, (int)Math.Min(chunk.Length, Bytes - done));
            CopyOut(done, bytes);
            write(bytes);
        }
    }

    public abstract void Dispose();

    // Where rows that follow one another begin here, in bytes, and their values; no more at once than are handed out.
    private IEnumerable<(long Offset, Memory<float> Values)> Runs(IReadOnlyList<int> rows, float[] values)
    {
        var bytes = Bytes / Shape[0];
        var (width, most) = ((int)(bytes / sizeof(float)), Math.Max(1, Chunk / bytes));
        for (int first = 0, next; first < rows.Count; first = next)
        {
            for (next = first + 1; next < rows.Count && next - first < most && rows[next] == rows[next - 1] + 1;) next++;
            yield return (rows[first] * bytes, values.AsMemory(first * width, (next - first) * width));
        }
    }
}
