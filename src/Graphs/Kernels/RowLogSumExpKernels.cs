using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>y[i] = log Σⱼ exp(x[i, j]), the largest element taken out first. Input: x [n, c]. Output: y [n].</summary>
internal sealed unsafe class RowLogSumExpForward() : Kernel(RowLogSumExp.Forward, [Slot.Float], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        var x = context.Input<float>(0);
        var (n, c) = ((int)x.Shape[0], (int)x.Shape[1]);
        var y = context.Output<float>(0, n);
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = RowRanges.Equal(part, n);
            for (var i = start; i < end; i++) y.Data[i] = OfRow(x.Data + (long)i * c, c);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float OfRow(float* row, int c)
    {
        var most = Largest(row, c);
        if (!float.IsFinite(most)) return most; // nothing but −∞, or an infinity or NaN, which the loss is to show
        var (sums, j) = (Vector<float>.Zero, 0);
        for (; j <= c - Vector<float>.Count; j += Vector<float>.Count) sums += VectorMath.Exp(Vector.Load(row + j) - new Vector<float>(most));
        var sum = Vector.Sum(sums);
        for (; j < c; j++) sum += MathF.Exp(row[j] - most);
        return most + MathF.Log(sum);
    }

    // NaN where an element is: Vector.Max hands one on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest(float* row, int c)
    {
        var (most, j) = (float.NegativeInfinity, 0);
        if (c >= Vector<float>.Count)
        {
            var all = Vector.Load(row);
            for (j = Vector<float>.Count; j <= c - Vector<float>.Count; j += Vector<float>.Count) all = Vector.Max(all, Vector.Load(row + j));
            for (var k = 0; k < Vector<float>.Count; k++) most = MathF.Max(most, all[k]);
        }
        for (; j < c; j++) most = MathF.Max(most, row[j]);
        return most;
    }
}

/// <summary>dx[i, j] = dy[i] · exp(x[i, j] − y[i]). Inputs: x [n, c], y [n], dy [n]. Output: dx [n, c].</summary>
internal sealed unsafe class RowLogSumExpBackward() : Kernel(RowLogSumExp.Backward, [Slot.Float, Slot.Float, Slot.Float], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        Operand<float> x = context.Input<float>(0), y = context.Input<float>(1), dy = context.Input<float>(2);
        var (n, c) = ((int)x.Shape[0], (int)x.Shape[1]);
        if (y.Length != n || dy.Length != n) throw new GraphException($"{n} rows need as many sums and gradients, not {y.Length} and {dy.Length}");
        var dx = context.Output<float>(0, n, c);
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = RowRanges.Equal(part, n);
            for (var i = start; i < end; i++) OfRow(x.Data + (long)i * c, dx.Data + (long)i * c, c, y.Data[i], dy.Data[i]);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OfRow(float* x, float* dx, int c, float y, float dy)
    {
        var j = 0;
        for (; j <= c - Vector<float>.Count; j += Vector<float>.Count)
            (VectorMath.Exp(Vector.Load(x + j) - new Vector<float>(y)) * new Vector<float>(dy)).Store(dx + j);
        for (; j < c; j++) dx[j] = MathF.Exp(x[j] - y) * dy;
    }
}
