using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// Arithmetic that the first step of a training needs at full speed. TensorPrimitives is as fast once .NET has compiled it for the second time, some
/// hundreds of steps later, and many times slower until then.
/// </summary>
internal static unsafe class VectorMath
{
    /// <summary>target[i] += source[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTo(float* target, float* source, int count)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(target + i) + Vector.Load(source + i)).Store(target + i);
        for (; i < count; i++) target[i] += source[i];
    }

    /// <summary>x[i] *= factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* x, int count, float factor)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(x + i) * factor).Store(x + i);
        for (; i < count; i++) x[i] *= factor;
    }

    /// <summary>Σ a[i] b[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* a, float* b, int count)
    {
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        var (width, i) = (Vector<float>.Count, 0);
        for (; i <= count - 4 * width; i += 4 * width)
        {
            s0 = Vector.FusedMultiplyAdd(Vector.Load(a + i), Vector.Load(b + i), s0);
            s1 = Vector.FusedMultiplyAdd(Vector.Load(a + i + width), Vector.Load(b + i + width), s1);
            s2 = Vector.FusedMultiplyAdd(Vector.Load(a + i + 2 * width), Vector.Load(b + i + 2 * width), s2);
            s3 = Vector.FusedMultiplyAdd(Vector.Load(a + i + 3 * width), Vector.Load(b + i + 3 * width), s3);
        }
        for (; i <= count - width; i += width) s0 = Vector.FusedMultiplyAdd(Vector.Load(a + i), Vector.Load(b + i), s0);
        var sum = Vector.Sum(s0 + s1 + (s2 + s3));
        for (; i < count; i++) sum += a[i] * b[i];
        return sum;
    }

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
