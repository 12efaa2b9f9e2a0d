using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LmmRec.Ranking.Internals;

/// <summary>
/// The K best of a stream of scores. Most scores are below the K-th best so far and are passed over 16 at a time; the others are put in their place
/// among those kept, eight of which are compared and moved at a time: without a branch to guess, which is what a heap costs.
/// </summary>
/// <param name="k">number of items to keep, at least 1; thousands are slow</param>
internal sealed class TopItems(int k)
{
    // Score and item in one number whose order is the rank's: higher score first, then lower index. They stand in descending order behind a number that is
    // above all; 0, which is below all, is nobody.
    private readonly ulong[] _kept = [ulong.MaxValue, .. new ulong[(k + Vector512<ulong>.Count - 1) / Vector512<ulong>.Count * Vector512<ulong>.Count]];
    private float _threshold;

    public void Clear()
    {
        Array.Clear(_kept, 1, _kept.Length - 1);
        _threshold = float.NegativeInfinity;
    }

    /// <summary>Takes the scores of the items <paramref name="first"/>, <paramref name="first"/> + 1, …; calls come in ascending order of items.</summary>
    public void Add(ReadOnlySpan<float> scores, int first)
    {
        ref var start = ref MemoryMarshal.GetReference(scores);
        var i = 0;
        for (; i <= scores.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            // A score that equals the threshold cannot enter: its item comes after those kept.
            var above = Vector512.GreaterThan(Vector512.LoadUnsafe(ref start, (nuint)i), Vector512.Create(_threshold)).ExtractMostSignificantBits();
            for (; above != 0; above &= above - 1)
            {
                var item = i + BitOperations.TrailingZeroCount(above);
                if (scores[item] > _threshold) Keep(scores[item], first + item);
            }
        }
        for (; i < scores.Length; i++)
            if (scores[i] > _threshold) Keep(scores[i], first + i);
    }

    /// <summary>The items kept and their scores, best first.</summary>
    /// <returns>How many these are: fewer than K where fewer had a score above negative infinity.</returns>
    public int CopyTo(Span<int> items, Span<float> scores)
    {
        var count = 0;
        for (; count < k && _kept[count + 1] is > 0 and var key; count++) (items[count], scores[count]) = ((int)~(uint)key, Score(key));
        return count;
    }

    private void Keep(float score, int item)
    {
        ref var start = ref MemoryMarshal.GetArrayDataReference(_kept);
        var key = Vector512.Create(Key(score, item));
        for (var at = _kept.Length - Vector512<ulong>.Count; at > 0; at -= Vector512<ulong>.Count)
        {
            var before = Vector512.LoadUnsafe(ref start, (nuint)at - 1);
            Vector512.Max(Vector512.LoadUnsafe(ref start, (nuint)at), Vector512.Min(before, key)).StoreUnsafe(ref start, (nuint)at);
        }
        if (_kept[k] > 0) _threshold = Score(_kept[k]);
    }

    // Flipped so that the bits of floats sort as unsigned numbers. Adding 0 turns -0 into 0, which ties with it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key(float score, int item)
    {
        var bits = BitConverter.SingleToUInt32Bits(score + 0f);
        var ordered = (int)bits < 0 ? ~bits : bits | 0x80000000;
        return (ulong)ordered << 32 | ~(uint)item;
    }

    private static float Score(ulong key)
    {
        var ordered = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((int)ordered < 0 ? ordered & 0x7FFFFFFF : ~ordered);
    }
}
