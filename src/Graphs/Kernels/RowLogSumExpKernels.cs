using System.Numerics.Tensors;

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
            var powers = new float[c];
            for (var i = start; i < end; i++) y.Data[i] = Of(new ReadOnlySpan<float>(x.Data + (long)i * c, c), powers);
        });
    }

    private static float Of(ReadOnlySpan<float> row, Span<float> powers)
    {
        var most = TensorPrimitives.Max(row);
        if (!float.IsFinite(most)) return most; // nothing but −∞, or an infinity or NaN that the loss is to show
        TensorPrimitives.Subtract(row, most, powers);
        TensorPrimitives.Exp(powers, powers);
        return most + MathF.Log(TensorPrimitives.Sum<float>(powers));
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
            for (var i = start; i < end; i++)
            {
                var row = new Span<float>(dx.Data + (long)i * c, c);
                TensorPrimitives.Subtract(new ReadOnlySpan<float>(x.Data + (long)i * c, c), y.Data[i], row);
                TensorPrimitives.Exp(row, row);
                TensorPrimitives.Multiply(row, dy.Data[i], row);
            }
        });
    }
}
