using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>y = x σ(1.702 x). Input: x. Output: y, of its shape.</summary>
internal sealed unsafe class QuickGelu() : Kernel("QuickGelu", [Slot.Float], [Slot.Float])
{
    public const float Slope = (float)Fused.Slope;

    public override void Compute(KernelContext context)
    {
        var x = context.Input<float>(0);
        var y = context.Output<float>(0, x.Shape);
        context.ParallelForChunks(x.Length, (start, end) => Activate(x.Data + start, y.Data + start, end - start));
    }

    /// <summary>Of <paramref name="count"/> elements; <paramref name="y"/> may be <paramref name="x"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate(float* x, float* y, int count)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) Activate(Vector.Load(x + i)).Store(y + i);
        if (i == count) return;
        var rest = stackalloc float[Vector<float>.Count];
        Unsafe.CopyBlock(rest, x + i, (uint)(count - i) * sizeof(float));
        Activate(Vector.Load(rest)).Store(rest);
        Unsafe.CopyBlock(y + i, rest, (uint)(count - i) * sizeof(float));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Activate(Vector<float> x) => x * VectorMath.Sigmoid(x * new Vector<float>(Slope));
}

/// <summary>dx = dy σ (1 + 1.702 x (1 − σ)) with σ = σ(1.702 x). Inputs: x, dy. Output: dx.</summary>
internal sealed unsafe class QuickGeluGradient() : Kernel("QuickGeluGradient", [Slot.Float, Slot.Float], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        Operand<float> x = context.Input<float>(0), dy = context.Input<float>(1);
        if (!x.Shape.AsSpan().SequenceEqual(dy.Shape)) throw new GraphException($"[{string.Join(", ", dy.Shape)}] is no gradient of [{string.Join(", ", x.Shape)}]");
        var dx = context.Output<float>(0, x.Shape);
        context.ParallelForChunks(x.Length, (start, end) => Differentiate(x.Data + start, dy.Data + start, dx.Data + start, end - start));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(float* x, float* dy, float* dx, int count)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(dy + i) * Derivative(Vector.Load(x + i))).Store(dx + i);
        if (i == count) return;
        var rest = stackalloc float[Vector<float>.Count];
        Unsafe.CopyBlock(rest, x + i, (uint)(count - i) * sizeof(float));
        Derivative(Vector.Load(rest)).Store(rest);
        for (var r = 0; i + r < count; r++) dx[i + r] = dy[i + r] * rest[r];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Derivative(Vector<float> x)
    {
        var scaled = x * new Vector<float>(QuickGelu.Slope);
        var sigmoid = VectorMath.Sigmoid(scaled);
        return sigmoid * (Vector<float>.One + scaled * (Vector<float>.One - sigmoid));
    }
}
