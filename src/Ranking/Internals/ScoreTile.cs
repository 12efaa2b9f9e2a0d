using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LmmRec.Ranking.Internals;

/// <summary>
/// The scores of 6 users for 64 items, summed in registers. Both kernels add the same products in the same order, one fused multiply-add per
/// dimension and score, so that a score has the same bits on every machine and wherever its tile lies.
/// </summary>
internal static unsafe class ScoreTile
{
    /// <summary>Users of a tile: with 4 vectors of items, 24 sums, which leaves 8 of the 32 AVX-512 registers for operands.</summary>
    public const int Users = 6;

    /// <summary>Items of a tile.</summary>
    public const int Items = 64;

    /// <summary>Writes the scores of one tile.</summary>
    /// <param name="users">[D, 6]</param>
    /// <param name="items">[D, 64]</param>
    /// <param name="dimension">D</param>
    /// <param name="scores">the first of 6 rows of 64</param>
    /// <param name="stride">distance between rows of scores</param>
    public static void Compute(float* users, float* items, int dimension, float* scores, int stride)
    {
        if (Vector512.IsHardwareAccelerated) Compute512(users, items, dimension, scores, stride);
        else ComputeAnyWidth(users, items, dimension, scores, stride);
    }

    // Optimized at once: tiered compilation would run the first epochs' tiles without registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Compute512(float* users, float* items, int dimension, float* scores, int stride)
    {
        Sums512 s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default; // 6 × 64
        for (var k = 0; k < dimension; k++, users += Users, items += Items)
        {
            var a = Vector512.Load(items);
            var b = Vector512.Load(items + 16);
            var c = Vector512.Load(items + 32);
            var d = Vector512.Load(items + 48);
            s0.Add(users[0], a, b, c, d);
            s1.Add(users[1], a, b, c, d);
            s2.Add(users[2], a, b, c, d);
            s3.Add(users[3], a, b, c, d);
            s4.Add(users[4], a, b, c, d);
            s5.Add(users[5], a, b, c, d);
        }
        s0.Store(scores);
        s1.Store(scores + stride);
        s2.Store(scores + 2 * stride);
        s3.Store(scores + 3 * stride);
        s4.Store(scores + 4 * stride);
        s5.Store(scores + 5 * stride);
    }

    // Two vectors per user, 12 sums: what fits the 16 registers of AVX2.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ComputeAnyWidth(float* users, float* items, int dimension, float* scores, int stride)
    {
        for (var column = 0; column < Items; column += 2 * Vector<float>.Count)
        {
            Sums s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default; // 6 × 2 vectors
            float* user = users, item = items + column;
            for (var k = 0; k < dimension; k++, user += Users, item += Items)
            {
                var a = Vector.Load(item);
                var b = Vector.Load(item + Vector<float>.Count);
                s0.Add(user[0], a, b);
                s1.Add(user[1], a, b);
                s2.Add(user[2], a, b);
                s3.Add(user[3], a, b);
                s4.Add(user[4], a, b);
                s5.Add(user[5], a, b);
            }
            s0.Store(scores + column);
            s1.Store(scores + stride + column);
            s2.Store(scores + 2 * stride + column);
            s3.Store(scores + 3 * stride + column);
            s4.Store(scores + 4 * stride + column);
            s5.Store(scores + 5 * stride + column);
        }
    }

    /// <summary>One user's sums for 64 items.</summary>
    private struct Sums512
    {
        private Vector512<float> _a, _b, _c, _d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float user, Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
        {
            var u = Vector512.Create(user);
            _a = Vector512.FusedMultiplyAdd(u, a, _a);
            _b = Vector512.FusedMultiplyAdd(u, b, _b);
            _c = Vector512.FusedMultiplyAdd(u, c, _c);
            _d = Vector512.FusedMultiplyAdd(u, d, _d);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(float* scores)
        {
            _a.Store(scores);
            _b.Store(scores + 16);
            _c.Store(scores + 32);
            _d.Store(scores + 48);
        }
    }

    /// <summary>One user's sums for two vectors of items.</summary>
    private struct Sums
    {
        private Vector<float> _a, _b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float user, Vector<float> a, Vector<float> b)
        {
            var u = Vector.Create(user);
            _a = Vector.FusedMultiplyAdd(u, a, _a);
            _b = Vector.FusedMultiplyAdd(u, b, _b);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(float* scores)
        {
            _a.Store(scores);
            _b.Store(scores + Vector<float>.Count);
        }
    }
}
