using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// What a product of bytes stands for, in one pass. Inputs: the product [… , d] (int32), scale and zero of each row, scale and sum of each column, bias
/// [d]. Output: (product − zero · sum) · row scale · column scale + bias, [… , d].
/// </summary>
internal sealed unsafe class DequantizeRows() : Kernel(
    "DequantizeRows", [Slot.Index32, Slot.Float, Slot.Index32, Slot.Float, Slot.Index32, Slot.Float], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        var product = context.Input<int>(0);
        Operand<float> scales = context.Input<float>(1), columnScales = context.Input<float>(3), bias = context.Input<float>(5);
        Operand<int> zeros = context.Input<int>(2), sums = context.Input<int>(4);
        var d = bias.Length;
        if (product.Shape[^1] != d || columnScales.Length != d || sums.Length != d || scales.Length != zeros.Length || (long)scales.Length * d != product.Length)
            throw new GraphException($"a product [{string.Join(", ", product.Shape)}], {scales.Length} scales and {zeros.Length} zeros of rows, {columnScales.Length} scales and {sums.Length} sums of columns and a bias [{d}] do not fit");
        var y = context.Output<float>(0, product.Shape);
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = RowRanges.Equal(part, scales.Length);
            for (var row = start; row < end; row++)
                Dequantize(product.Data + (long)row * d, scales.Data[row], zeros.Data[row], columnScales.Data, sums.Data, bias.Data, y.Data + (long)row * d, d);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dequantize(int* product, float scale, int zero, float* columnScales, int* sums, float* bias, float* y, int d)
    {
        var i = 0;
        for (; i <= d - Vector<int>.Count; i += Vector<int>.Count)
        {
            var exact = Vector.Load(product + i) - new Vector<int>(zero) * Vector.Load(sums + i);
            (Vector.ConvertToSingle(exact) * new Vector<float>(scale) * Vector.Load(columnScales + i) + Vector.Load(bias + i)).Store(y + i);
        }
        for (; i < d; i++) y[i] = (product[i] - zero * sums[i]) * scale * columnScales[i] + bias[i];
    }
}
