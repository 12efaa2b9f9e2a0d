using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// The gradient of gathering rows, RowScatter, and that gradient added to another, RowScatterAdd: Y[i, :] = B[i, :] + Σ updates[k, :] over all k
/// with indices[k] = i, in the order of k; B is zero in the first.
/// Inputs: updates [k, d], indices [k] (negative ones count from the end), rows [1], B [rows, d]. Output: Y [rows, d].
/// Each thread owns rows of Y, so indices that repeat are added by one thread: ONNX Runtime's own ScatterND loses such updates.
/// </summary>
internal sealed unsafe class RowScatter(bool add) : Kernel(
    add ? "RowScatterAdd" : "RowScatter",
    [Slot.Float, Slot.Index64, Slot.Index64, .. add ? [Slot.Float] : Array.Empty<Slot>()],
    [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        var updates = context.Input<float>(0);
        var indices = context.Input<long>(1);
        var rows = checked((int)*context.Input<long>(2).Data);
        var d = (int)updates.Shape[^1];
        var count = indices.Length;
        if (updates.Length != (long)count * d)
            throw new GraphException($"updates [{string.Join(", ", updates.Shape)}] do not fit indices [{string.Join(", ", indices.Shape)}]");
        for (var k = 0; k < count; k++)
            if (indices.Data[k] < -rows || indices.Data[k] >= rows)
                throw new GraphException($"index {indices.Data[k]} at place {k} is not a row of {rows}");
        var addend = add ? context.Input<float>(3) : default;
        if (add && !addend.Shape.AsSpan().SequenceEqual([rows, d]))
            throw new GraphException($"rows of a table [{rows}, {d}] cannot be added to [{string.Join(", ", addend.Shape)}]");
        var y = context.Output<float>(0, rows, d);
        var block = rows / RowRanges.Count + 1;
        var (starts, order) = GroupByBlock(indices.Span, rows, block);
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = (Math.Min(part * block, rows), Math.Min((part + 1) * block, rows));
            var own = new Span<float>(y.Data + (long)start * d, (end - start) * d);
            if (add) new ReadOnlySpan<float>(addend.Data + (long)start * d, own.Length).CopyTo(own);
            else own.Clear();
            for (var o = starts[part]; o < starts[part + 1]; o++)
                VectorMath.AddTo(y.Data + Row(indices.Data[order[o]], rows) * d, updates.Data + (long)order[o] * d, d);
        });
    }

    private static long Row(long index, int rows) => index < 0 ? index + rows : index;

    /// <summary>The places 0 … in the order of their rows' blocks, equal ones as they were (a counting sort), and where each block starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int[] Starts, int[] Order) GroupByBlock(ReadOnlySpan<long> indices, int rows, int block)
    {
        var starts = new int[RowRanges.Count + 1];
        foreach (var index in indices) starts[Row(index, rows) / block + 1]++;
        for (var part = 0; part < RowRanges.Count; part++) starts[part + 1] += starts[part];
        var next = starts.AsSpan(0, RowRanges.Count).ToArray();
        var order = new int[indices.Length];
        for (var k = 0; k < indices.Length; k++) order[next[Row(indices[k], rows) / block]++] = k;
        return (starts, order);
    }
}
