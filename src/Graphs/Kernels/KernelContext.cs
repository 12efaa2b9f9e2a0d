using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>A tensor that a kernel reads or writes: row-major elements in memory that ONNX Runtime owns while the kernel runs.</summary>
internal readonly unsafe struct Operand<T>(T* data, long[] shape) where T : unmanaged
{
    public T* Data => data;

    public long[] Shape => shape;

    /// <summary>The number of elements.</summary>
    public int Length { get; } = checked((int)shape.Aggregate(1L, (product, d) => product * d));

    public Span<T> Span => new(data, Length);

    /// <summary>Whether an optional input was given.</summary>
    public bool IsThere => data is not null;
}

/// <summary>One call of a kernel: its inputs, its outputs and the session's threads.</summary>
internal readonly unsafe struct KernelContext(void* context)
{
    private const int Chunk = 16384; // elements that a thread takes at a time

    public Operand<T> Input<T>(int index) where T : unmanaged
    {
        var value = OrtApi.Input(context, index);
        return value is null ? default : new((T*)OrtApi.Data(value), OrtApi.Shape(value));
    }

    public Operand<T> Output<T>(int index, params long[] shape) where T : unmanaged =>
        new((T*)OrtApi.Data(OrtApi.Output(context, index, shape)), shape);

    /// <summary>Calls <paramref name="body"/> once for each of 0 … <paramref name="total"/> − 1, on the session's threads; returns when all are done.</summary>
    public void ParallelFor(int total, Action<int> body)
    {
        var work = new Work(body);
        // The threads read the object through this local variable: it does not move, and the collector keeps it up to date and its object alive.
        OrtApi.ParallelFor(context, total, &Run, Unsafe.AsPointer(ref work));
        work.Failure?.Throw();
    }

    /// <summary>Calls <paramref name="body"/> with start and end of ranges that cover 0 … <paramref name="length"/> − 1, on the session's threads.</summary>
    public void ParallelForChunks(int length, Action<int, int> body) => ParallelFor(
        (int)(((long)length + Chunk - 1) / Chunk), chunk => body(chunk * Chunk, (int)Math.Min((chunk + 1L) * Chunk, length)));

    [UnmanagedCallersOnly]
    private static void Run(void* state, nuint index)
    {
        ref var work = ref Unsafe.AsRef<Work>(state);
        try
        {
            work.Body((int)index);
        }
#pragma warning disable CA1031 // an exception may not cross the runtime's native frames; ParallelFor throws it again
        catch (Exception e)
#pragma warning restore CA1031
        {
            work.Failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    private sealed class Work(Action<int> body)
    {
        public readonly Action<int> Body = body;
        public volatile ExceptionDispatchInfo? Failure;
    }
}
