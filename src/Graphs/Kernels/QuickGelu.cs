using System.Numerics.Tensors;

namespace LmmRec.Graphs.Kernels;

/// <summary>y = x σ(1.702 x). Input: x. Output: y, of its shape.</summary>
internal sealed unsafe class QuickGelu() : Kernel("QuickGelu", [Slot.Float], [Slot.Float])
{
    public const float Slope = 1.702f;

    /// <summary>Elements that are worked on in the first cache.</summary>
    public const int Chunk = 2048;

    public override void Compute(KernelContext context)
    {
        var x = context.Input<float>(0);
        var y = context.Output<float>(0, x.Shape);
        context.ParallelFor((x.Length + Chunk - 1) / Chunk, chunk =>
        {
            var (start, count) = (chunk * Chunk, Math.Min(Chunk, x.Length - chunk * Chunk));
            ReadOnlySpan<float> from = x.Span.Slice(start, count);
            var to = y.Span.Slice(start, count);
            TensorPrimitives.Multiply(from, Slope, to);
            TensorPrimitives.Sigmoid(to, to);
            TensorPrimitives.Multiply(to, from, to);
        });
    }
}

/// <summary>dx = dy (σ + 1.702 x σ (1 − σ)) with σ = σ(1.702 x). Inputs: x, dy. Output: dx.</summary>
internal sealed unsafe class QuickGeluGradient() : Kernel("QuickGeluGradient", [Slot.Float, Slot.Float], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        Operand<float> x = context.Input<float>(0), dy = context.Input<float>(1);
        if (!x.Shape.AsSpan().SequenceEqual(dy.Shape)) throw new GraphException($"[{string.Join(", ", dy.Shape)}] is no gradient of [{string.Join(", ", x.Shape)}]");
        var dx = context.Output<float>(0, x.Shape);
        context.ParallelFor((x.Length + QuickGelu.Chunk - 1) / QuickGelu.Chunk, chunk =>
        {
            var (start, count) = (chunk * QuickGelu.Chunk, Math.Min(QuickGelu.Chunk, x.Length - chunk * QuickGelu.Chunk));
            var to = dx.Span.Slice(start, count);
            var scaled = (stackalloc float[QuickGelu.Chunk])[..count];
            var sigmoid = (stackalloc float[QuickGelu.Chunk])[..count];
            TensorPrimitives.Multiply(x.Span.Slice(start, count), QuickGelu.Slope, scaled);
            TensorPrimitives.Sigmoid(scaled, sigmoid);
            TensorPrimitives.Subtract(1, sigmoid, to);
            TensorPrimitives.Multiply(to, scaled, to);
            TensorPrimitives.Add(to, 1, to); // 1 + 1.702 x (1 − σ)
            TensorPrimitives.Multiply(to, sigmoid, to);
            TensorPrimitives.Multiply(to, dy.Span.Slice(start, count), to);
        });
    }
}
