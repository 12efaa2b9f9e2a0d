using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LmmRec.Dense;

/// <summary>
/// Dot products of the rows of two blocks as they lie in memory, 4 × 4 at a time in registers: for rows that are met too seldom to be copied first, as
/// <see cref="ProductTile"/> wants it. Sums have 16 lanes on every machine, wide or not, and so the same bits.
/// </summary>
public static unsafe class DotTile
{
    /// <summary>Rows of either block that are multiplied at a time.</summary>
    public const int Side = 4;

    /// <summary>Adds to <c>products[r × stride + s]</c> the product of row r of <paramref name="a"/> and row s of <paramref name="b"/> over some columns.</summary>
    /// <param name="a">rows of <paramref name="width"/> values</param>
    /// <param name="b">rows of <paramref name="width"/> values</param>
    /// <param name="width">length of a row</param>
    /// <param name="from">first column</param>
    /// <param name="to">column after the last</param>
    /// <param name="products">room for the rows of both rounded up to <see cref="Side"/>; what lies beyond the rows is of no meaning</param>
    /// <param name="stride">distance of rows of products</param>
    public static void AddProducts(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int width, int from, int to, Span<float> products, int stride)
    {
        var (rows, columns) = (a.Length / width, b.Length / width);
        var four = stackalloc float*[Side];
        var otherFour = stackalloc float*[Side];
        fixed (float* pa = a, pb = b, to0 = products)
            for (var r = 0; r < rows; r += Side)
                for (var s = 0; s < columns; s += Side)
                {
                    // At the edge the last row is repeated.
                    for (var n = 0; n < Side; n++)
                    {
                        four[n] = pa + (nint)Math.Min(r + n, rows - 1) * width;
                        otherFour[n] = pb + (nint)Math.Min(s + n, columns - 1) * width;
                    }
                    AddTile(four, otherFour, from, to, to0 + r * stride + s, stride);
                }
    }

    // Optimized at once: tiered compilation would run the first blocks without registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTile(float** a, float** b, int from, int to, float* products, int stride)
    {
        float* a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
        Sums s0 = default, s1 = default, s2 = default, s3 = default; // 4 × 4
        var k = from;
        for (; k <= to - Vector512<float>.Count; k += Vector512<float>.Count)
        {
            Vector512<float> v0 = Vector512.Load(b0 + k), v1 = Vector512.Load(b1 + k), v2 = Vector512.Load(b2 + k), v3 = Vector512.Load(b3 + k);
            s0.Add(Vector512.Load(a0 + k), v0, v1, v2, v3);
            s1.Add(Vector512.Load(a1 + k), v0, v1, v2, v3);
            s2.Add(Vector512.Load(a2 + k), v0, v1, v2, v3);
            s3.Add(Vector512.Load(a3 + k), v0, v1, v2, v3);
        }
        s0.AddTo(products);
        s1.AddTo(products + stride);
        s2.AddTo(products + 2 * stride);
        s3.AddTo(products + 3 * stride);
        for (; k < to; k++)
            for (var r = 0; r < Side; r++)
                for (var s = 0; s < Side; s++) products[r * stride + s] += a[r][k] * b[s][k];
    }

    /// <summary>The sums of one row with four others.</summary>
    private struct Sums
    {
        private Vector512<float> _0, _1, _2, _3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector512<float> row, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3)
        {
            _0 = Vector512.FusedMultiplyAdd(row, v0, _0);
            _1 = Vector512.FusedMultiplyAdd(row, v1, _1);
            _2 = Vector512.FusedMultiplyAdd(row, v2, _2);
            _3 = Vector512.FusedMultiplyAdd(row, v3, _3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void AddTo(float* products)
        {
            products[0] += Vector512.Sum(_0);
            products[1] += Vector512.Sum(_1);
            products[2] += Vector512.Sum(_2);
            products[3] += Vector512.Sum(_3);
        }
    }
}
