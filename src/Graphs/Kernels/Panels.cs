using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// Copies lines of a matrix into panels of <c>width</c> lines, in which elements of equal place lie together, as <see cref="LmmRec.Dense.ProductTile"/>
/// reads them, with zeros for the lines that the last panel lacks. Memory is read in the order in which it lies.
/// </summary>
internal static unsafe class Panels
{
    /// <summary>How many parts of a size cover another.</summary>
    public static int Count(int size, int part) => (size + part - 1) / part;

    /// <summary>One element of each of <paramref name="count"/> lines, which lie side by side: a row of each panel.</summary>
    /// <param name="source">the elements</param>
    /// <param name="count">lines</param>
    /// <param name="width">lines of a panel</param>
    /// <param name="target">the row of the first panel</param>
    /// <param name="targetStride">distance between panels</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Distribute(float* source, int count, int width, float* target, long targetStride)
    {
        for (; count > 0; count -= width, source += width, target += targetStride)
        {
            var line = 0;
            for (; line <= Math.Min(count, width) - 16; line += 16) Vector512.Load(source + line).Store(target + line);
            for (; line <= Math.Min(count, width) - 4; line += 4) Vector128.Load(source + line).Store(target + line);
            for (; line < width; line++) target[line] = line < count ? source[line] : 0;
        }
    }

    /// <summary>A panel of <paramref name="count"/> lines of <paramref name="inner"/> elements that lie side by side.</summary>
    public static void Gather(float* source, long lineStride, int count, int inner, int width, float* target)
    {
        if (count < width) new Span<float>(target, inner * width).Clear();
        Transpose(source, lineStride, count, inner, target, width);
    }

    /// <summary>target[i, line] = source[line, i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, long lineStride, int lines, int inner, float* target, long targetStride)
    {
        var line = 0;
        for (; line <= lines - 4; line += 4)
        {
            float* l0 = source + line * lineStride, l1 = l0 + lineStride, l2 = l1 + lineStride, l3 = l2 + lineStride;
            var to = target + line;
            var i = 0;
            if (Sse.IsSupported)
                for (; i <= inner - 4; i += 4, to += 4 * targetStride) TransposeFour(l0 + i, l1 + i, l2 + i, l3 + i, to, targetStride);
            for (; i < inner; i++, to += targetStride) Vector128.Create(l0[i], l1[i], l2[i], l3[i]).Store(to);
        }
        for (; line < lines; line++)
            for (var i = 0; i < inner; i++) target[i * targetStride + line] = source[line * lineStride + i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeFour(float* l0, float* l1, float* l2, float* l3, float* target, long stride)
    {
        Vector128<float> r0 = Vector128.Load(l0), r1 = Vector128.Load(l1), r2 = Vector128.Load(l2), r3 = Vector128.Load(l3);
        Vector128<float> low0 = Sse.UnpackLow(r0, r1), low2 = Sse.UnpackLow(r2, r3), high0 = Sse.UnpackHigh(r0, r1), high2 = Sse.UnpackHigh(r2, r3); // 0 0 1 1, 2 2 3 3 of two lines
        Sse.MoveLowToHigh(low0, low2).Store(target);
        Sse.MoveHighToLow(low2, low0).Store(target + stride);
        Sse.MoveLowToHigh(high0, high2).Store(target + 2 * stride);
        Sse.MoveHighToLow(high2, high0).Store(target + 3 * stride);
    }
}
