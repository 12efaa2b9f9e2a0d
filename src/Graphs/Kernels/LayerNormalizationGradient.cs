using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// The gradient of a normalisation over the last axis, each row read twice while it is in the first cache. Inputs: x [… , d], scale [d], mean and
/// inverse deviation of each row, dy [… , d]. Outputs: dx [… , d], dscale [d], dbias [d]; the last two are summed over ranges of rows and then over the
/// ranges in their order.
/// </summary>
internal sealed unsafe class LayerNormalizationGradient() : Kernel(
    "LayerNormalizationGradient", [Slot.Float, Slot.Float, Slot.Float, Slot.Float, Slot.Float], [Slot.Float, Slot.Float, Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        Operand<float> x = context.Input<float>(0), scale = context.Input<float>(1), mean = context.Input<float>(2), inverse = context.Input<float>(3), dy = context.Input<float>(4);
        var d = scale.Length;
        if (x.Shape[^1] != d || !x.Shape.AsSpan().SequenceEqual(dy.Shape) || (long)mean.Length * d != x.Length || inverse.Length != mean.Length)
            throw new GraphException($"x [{string.Join(", ", x.Shape)}], scale [{d}], {mean.Length} means, {inverse.Length} deviations and a gradient [{string.Join(", ", dy.Shape)}] do not fit");
        Operand<float> dx = context.Output<float>(0, x.Shape), dscale = context.Output<float>(1, d), dbias = context.Output<float>(2, d);
        var sums = new float[RowRanges.Count][];
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = RowRanges.Equal(part, mean.Length);
            fixed (float* sum = sums[part] = new float[2 * d])
                for (var row = start; row < end; row++)
                {
                    var at = (long)row * d;
                    DifferentiateRow(x.Data + at, scale.Data, mean.Data[row], inverse.Data[row], dy.Data + at, dx.Data + at, sum, sum + d, d);
                }
        });
        dscale.Span.Clear();
        dbias.Span.Clear();
        foreach (var sum in sums)
        {
            TensorPrimitives.Add(dscale.Span, sum.AsSpan(0, d), dscale.Span);
            TensorPrimitives.Add(dbias.Span, sum.AsSpan(d), dbias.Span);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DifferentiateRow(float* x, float* scale, float mean, float inverse, float* dy, float* dx, float* dscale, float* dbias, int d)
    {
        var width = Vector<float>.Count;
        Vector<float> slopes = default, products = default; // Σ dy scale and Σ dy scale x̂
        var (slopeSum, productSum, i) = (0f, 0f, 0);
        for (; i <= d - width; i += width)
        {
            var normalized = (Vector.Load(x + i) - Vector.Create(mean)) * Vector.Create(inverse);
            var (gradient, slope) = (Vector.Load(dy + i), Vector.Load(dy + i) * Vector.Load(scale + i));
            (Vector.Load(dscale + i) + gradient * normalized).Store(dscale + i);
            (Vector.Load(dbias + i) + gradient).Store(dbias + i);
            slopes += slope;
            products += slope * normalized;
        }
        for (; i < d; i++)
        {
            var normalized = (x[i] - mean) * inverse;
            dscale[i] += dy[i] * normalized;
            dbias[i] += dy[i];
            slopeSum += dy[i] * scale[i];
            productSum += dy[i] * scale[i] * normalized;
        }
        var (slopeMean, productMean) = ((Vector.Sum(slopes) + slopeSum) / d, (Vector.Sum(products) + productSum) / d);
        for (i = 0; i <= d - width; i += width)
        {
            var normalized = (Vector.Load(x + i) - Vector.Create(mean)) * Vector.Create(inverse);
            var slope = Vector.Load(dy + i) * Vector.Load(scale + i);
            (Vector.Create(inverse) * (slope - Vector.Create(slopeMean) - normalized * Vector.Create(productMean))).Store(dx + i);
        }
        for (; i < d; i++) dx[i] = inverse * (dy[i] * scale[i] - slopeMean - (x[i] - mean) * inverse * productMean);
    }
}
