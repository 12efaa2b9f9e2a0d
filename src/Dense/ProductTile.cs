using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LmmRec.Dense;

/// <summary>
/// A tile of 12 × 32 elements of a matrix product, summed in registers, for matrices that were copied into the order in which it reads them. Both forms
/// add the same products in the same order, one fused multiply-add each, so that an element has the same bits on machines of either width and wherever
/// its tile lies.
/// </summary>
public static unsafe class ProductTile
{
    /// <summary>With 2 vectors of a row, 24 sums, which leaves 8 of the 32 AVX-512 registers for operands.</summary>
    public const int Rows = 12;

    public const int Columns = 32;

    /// <summary>Y = A B + C.</summary>
    /// <param name="a">[k, 12]</param>
    /// <param name="b">[k, 32]</param>
    /// <param name="k">products per element</param>
    /// <param name="c">the first of 12 rows of 32 to add, or null: nothing</param>
    /// <param name="strideC">distance between rows of C; 0 where one row is added to all</param>
    /// <param name="y">the first of 12 rows of 32; may be C</param>
    /// <param name="strideY">distance between rows of Y</param>
    public static void Compute(float* a, float* b, int k, float* c, long strideC, float* y, long strideY)
    {
        if (Vector512.IsHardwareAccelerated) Compute512(a, b, k, c, strideC, y, strideY);
        else ComputeAnyWidth(a, b, k, c, strideC, y, strideY);
    }

    // Optimized at once: tiered compilation would run the first tiles without registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Compute512(float* a, float* b, int k, float* c, long strideC, float* y, long strideY)
    {
        Sums512 s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
        Sums512 s6 = default, s7 = default, s8 = default, s9 = default, s10 = default, s11 = default;
        for (var end = b + (long)k * Columns; b < end; a += Rows, b += Columns)
        {
            var left = Vector512.Load(b);
            var right = Vector512.Load(b + 16);
            s0.Add(a[0], left, right);
            s1.Add(a[1], left, right);
            s2.Add(a[2], left, right);
            s3.Add(a[3], left, right);
            s4.Add(a[4], left, right);
            s5.Add(a[5], left, right);
            s6.Add(a[6], left, right);
            s7.Add(a[7], left, right);
            s8.Add(a[8], left, right);
            s9.Add(a[9], left, right);
            s10.Add(a[10], left, right);
            s11.Add(a[11], left, right);
        }
        s0.Store(ref c, strideC, ref y, strideY);
        s1.Store(ref c, strideC, ref y, strideY);
        s2.Store(ref c, strideC, ref y, strideY);
        s3.Store(ref c, strideC, ref y, strideY);
        s4.Store(ref c, strideC, ref y, strideY);
        s5.Store(ref c, strideC, ref y, strideY);
        s6.Store(ref c, strideC, ref y, strideY);
        s7.Store(ref c, strideC, ref y, strideY);
        s8.Store(ref c, strideC, ref y, strideY);
        s9.Store(ref c, strideC, ref y, strideY);
        s10.Store(ref c, strideC, ref y, strideY);
        s11.Store(ref c, strideC, ref y, strideY);
    }

    // Six rows of two vectors at a time, 12 sums: what fits the 16 registers of AVX2.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ComputeAnyWidth(float* a, float* b, int k, float* c, long strideC, float* y, long strideY)
    {
        for (var row = 0; row < Rows; row += 6)
            for (var column = 0; column < Columns; column += 2 * Vector<float>.Count)
            {
                Sums s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
                float* from = a + row, with = b + column;
                for (var i = 0; i < k; i++, from += Rows, with += Columns)
                {
                    var left = Vector.Load(with);
                    var right = Vector.Load(with + Vector<float>.Count);
                    s0.Add(from[0], left, right);
                    s1.Add(from[1], left, right);
                    s2.Add(from[2], left, right);
                    s3.Add(from[3], left, right);
                    s4.Add(from[4], left, right);
                    s5.Add(from[5], left, right);
                }
                var add = c is null ? null : c + row * strideC + column;
                var to = y + row * strideY + column;
                s0.Store(ref add, strideC, ref to, strideY);
                s1.Store(ref add, strideC, ref to, strideY);
                s2.Store(ref add, strideC, ref to, strideY);
                s3.Store(ref add, strideC, ref to, strideY);
                s4.Store(ref add, strideC, ref to, strideY);
                s5.Store(ref add, strideC, ref to, strideY);
            }
    }

    /// <summary>A row's sums.</summary>
    private struct Sums512
    {
        private Vector512<float> _left, _right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float a, Vector512<float> left, Vector512<float> right)
        {
            var factor = Vector512.Create(a);
            _left = Vector512.FusedMultiplyAdd(factor, left, _left);
            _right = Vector512.FusedMultiplyAdd(factor, right, _right);
        }

        /// <summary>Writes the row and goes on to the next.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(ref float* c, long strideC, ref float* y, long strideY)
        {
            (c is null ? _left : _left + Vector512.Load(c)).Store(y);
            (c is null ? _right : _right + Vector512.Load(c + 16)).Store(y + 16);
            if (c is not null) c += strideC;
            y += strideY;
        }
    }

    /// <summary>A row's sums, two vectors of them.</summary>
    private struct Sums
    {
        private Vector<float> _left, _right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float a, Vector<float> left, Vector<float> right)
        {
            var factor = Vector.Create(a);
            _left = Vector.FusedMultiplyAdd(factor, left, _left);
            _right = Vector.FusedMultiplyAdd(factor, right, _right);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(ref float* c, long strideC, ref float* y, long strideY)
        {
            (c is null ? _left : _left + Vector.Load(c)).Store(y);
            (c is null ? _right : _right + Vector.Load(c + Vector<float>.Count)).Store(y + Vector<float>.Count);
            if (c is not null) c += strideC;
            y += strideY;
        }
    }
}
