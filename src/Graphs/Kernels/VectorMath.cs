using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>Functions of whole vectors that are compiled into the loops that call them.</summary>
internal static class VectorMath
{
    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sigmoid(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Exp(-x));

    // Between them eˣ is a normal number; below it is taken as the smallest, 1e-38, which no sum of a row notices.
    private const float Most = 88.3762626647949f, Least = -87.3365447505f;

    private const float Log2E = 1.44269504f;

    // ln 2 in two parts, the first of few enough bits that its multiples are exact.
    private const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    /// <summary>eˣ to some 2e-7 relative, by eˣ = 2ⁿ eʳ with |r| ≤ ln 2 / 2 and the Taylor polynomial of degree 7 for eʳ. NaN stays NaN, +∞ becomes +∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        var bounded = Vector.Min(Vector.Max(x, new Vector<float>(Least)), new Vector<float>(Most));
        var n = Vector.Floor(Vector.FusedMultiplyAdd(bounded, new Vector<float>(Log2E), new Vector<float>(0.5f)));
        var r = Vector.FusedMultiplyAdd(n, new Vector<float>(-Ln2Low), Vector.FusedMultiplyAdd(n, new Vector<float>(-Ln2High), bounded));
        var sum = new Vector<float>(1f / 5040);
        sum = Vector.FusedMultiplyAdd(sum, r, new Vector<float>(1f / 720));
        sum = Vector.FusedMultiplyAdd(sum, r, new Vector<float>(1f / 120));
        sum = Vector.FusedMultiplyAdd(sum, r, new Vector<float>(1f / 24));
        sum = Vector.FusedMultiplyAdd(sum, r, new Vector<float>(1f / 6));
        sum = Vector.FusedMultiplyAdd(sum, r, new Vector<float>(0.5f));
        sum = Vector.FusedMultiplyAdd(sum, r, Vector<float>.One);
        sum = Vector.FusedMultiplyAdd(sum, r, Vector<float>.One);
        var power = Vector.AsVectorSingle((Vector.ConvertToInt32(n) + new Vector<int>(127)) << 23); // 2ⁿ
        var inRange = Vector.LessThanOrEqual(x, new Vector<float>(Most));
        // x + x: what is not in range is NaN or so large that it becomes infinite.
        return Vector.ConditionalSelect(inRange, sum * power, (x + x) * new Vector<float>(float.MaxValue));
    }
}
