using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
            for (var i = 0; i < inner; i++, to += targetStride) Vector128.Create(l0[i], l1[i], l2[i], l3[i]).Store(to);
        }
        for (; line < lines; line++)
            for (var i = 0; i < inner; i++) target[i * targetStride + line] = source[line * lineStride + i];
    }
}
