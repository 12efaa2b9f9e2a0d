using System.Numerics.Tensors;

namespace LmmRec.Graphs.Kernels;

/// <summary>dx = y (dy − y · dy), row by row over the last axis. Inputs: y, dy. Output: dx.</summary>
internal sealed unsafe class SoftmaxGradient() : Kernel("SoftmaxGradient", [Slot.Float, Slot.Float], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        Operand<float> y = context.Input<float>(0), dy = context.Input<float>(1);
        if (!y.Shape.AsSpan().SequenceEqual(dy.Shape)) throw new GraphException($"[{string.Join(", ", dy.Shape)}] is no gradient of [{string.Join(", ", y.Shape)}]");
        var dx = context.Output<float>(0, y.Shape);
        var d = (int)y.Shape[^1];
        var rows = d == 0 ? 0 : y.Length / d;
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = RowRanges.Equal(part, rows);
            for (var row = start; row < end; row++)
            {
                ReadOnlySpan<float> result = y.Span.Slice(row * d, d), gradient = dy.Span.Slice(row * d, d);
                var to = dx.Span.Slice(row * d, d);
                TensorPrimitives.Subtract(gradient, TensorPrimitives.Dot(result, gradient), to);
                TensorPrimitives.Multiply(to, result, to);
            }
        });
    }
}
