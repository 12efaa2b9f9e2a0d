using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// Rows rounded to bytes by a scale and a zero of their own, each row read twice while it is in the first cache. Inputs: x [… , d], factors [d] of its
/// columns. Outputs: bytes [… , d], scales [… , 1], zeros [… , 1]. A row that holds NaN or infinity gets the scale NaN or infinity.
/// </summary>
internal sealed unsafe class QuantizeRows() : Kernel(
    "QuantizeRows", [Slot.Float, Slot.Float], [new(ElementType.UInt8), Slot.Float, Slot.Index32])
{
    /// <summary>Of a row of zeros; one whose range is smaller becomes zeros.</summary>
    public const float LeastScale = 1e-30f;

    public override void Compute(KernelContext context)
    {
        Operand<float> x = context.Input<float>(0), factors = context.Input<float>(1);
        var d = factors.Length;
        if (x.Shape[^1] != d) throw new GraphException($"{d} factors do not fit rows of [{string.Join(", ", x.Shape)}]");
        long[] perRow = [.. x.Shape[..^1], 1];
        var bytes = context.Output<byte>(0, x.Shape);
        var (scales, zeros) = (context.Output<float>(1, perRow), context.Output<int>(2, perRow));
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = RowRanges.Equal(part, scales.Length);
            for (var row = start; row < end; row++)
                (scales.Data[row], zeros.Data[row]) = Quantize(x.Data + (long)row * d, factors.Data, bytes.Data + (long)row * d, d);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Scale, int Zero) Quantize(float* x, float* factors, byte* bytes, int d)
    {
        Vector<float> lows = default, highs = default; // 0 is in the range of each row
        var (low, high, i) = (0f, 0f, 0);
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = Vector.Load(x + i) * Vector.Load(factors + i);
            (lows, highs) = (Vector.Min(lows, value), Vector.Max(highs, value));
        }
        for (; i < d; i++)
        {
            var value = x[i] * factors[i];
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
        for (var lane = 0; lane < Vector<float>.Count; lane++) (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));

        var scale = Math.Max((high - low) * (1f / byte.MaxValue), LeastScale);
        var inverse = 1 / scale;
        var zero = (int)(-low * inverse + 0.5f);
        var offset = zero + 0.5f;
        var (inverses, offsets, width) = (new Vector<float>(inverse), new Vector<float>(offset), Vector<float>.Count);
        for (i = 0; i <= d - Vector<byte>.Count; i += Vector<byte>.Count)
            {
            Vector<uint> a = Rounded(x + i, factors + i, inverses, offsets), b = Rounded(x + i + width, factors + i + width, inverses, offsets);
            Vector<uint> c = Rounded(x + i + 2 * width, factors + i + 2 * width, inverses, offsets), e = Rounded(x + i + 3 * width, factors + i + 3 * width, inverses, offsets);
            Vector.Narrow(Vector.Narrow(a, b), Vector.Narrow(c, e)).Store(bytes + i);
        }
        for (; i < d; i++) bytes[i] = (byte)Math.Clamp(x[i] * factors[i] * inverse + offset, 0, byte.MaxValue);
        return (scale, zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Rounded(float* x, float* factors, Vector<float> inverse, Vector<float> offset)
    {
        var value = Vector.Load(x) * Vector.Load(factors) * inverse + offset;
        return Vector.AsVectorUInt32(Vector.ConvertToInt32Native(Vector.Min(Vector.Max(value, Vector<float>.Zero), new Vector<float>(byte.MaxValue))));
    }
}
