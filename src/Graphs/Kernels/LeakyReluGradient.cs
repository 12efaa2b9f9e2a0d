using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>dx = dy where x is above 0, else slope · dy. Inputs: x, dy (of one shape), slope (one number). Output: dx.</summary>
internal sealed unsafe class LeakyReluGradient() : Kernel("LeakyReluGradient", [Slot.Float, Slot.Float, Slot.Float], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        Operand<float> x = context.Input<float>(0), dy = context.Input<float>(1);
        var slope = *context.Input<float>(2).Data;
        var length = x.Length;
        if (dy.Length != length) throw new GraphException($"{length} elements have {dy.Length} gradients");
        var dx = context.Output<float>(0, x.Shape);
        context.ParallelForChunks(length, (start, end) => Compute(x.Data, dy.Data, dx.Data, start, end, slope));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute(float* x, float* dy, float* dx, int start, int end, float slope)
    {
        var i = start;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            var gradient = Vector.Load(dy + i);
            Vector.ConditionalSelect(Vector.GreaterThan(Vector.Load(x + i), Vector<float>.Zero), gradient, gradient * new Vector<float>(slope)).Store(dx + i);
        }
        for (; i < end; i++) dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
    }
}
