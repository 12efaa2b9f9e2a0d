using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LmmRec.Ranking.Internals;

/// <summary>
/// The K best of a stream of scores. Most scores are below the K-th best so far and are passed over 16 at a time; the others enter a heap whose
/// root is the worst kept.
/// </summary>
/// <param name="k">number of items to keep, at least 1</param>
internal sealed class TopItems(int k)
{
    // Score and item in one number whose order is the rank's: higher score first, then lower index.
    private readonly ulong[] _heap = new ulong[k];
    private int _count;
    private float _threshold;

    public void Clear() => (_count, _threshold) = (0, float.NegativeInfinity);

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
        Array.Sort(_heap, 0, _count);
        for (var r = 0; r < _count; r++) (items[r], scores[r]) = ((int)~(uint)_heap[_count - 1 - r], Score(_heap[_count - 1 - r]));
        return _count;
    }

    private void Keep(float score, int item)
    {
        var key = Key(score, item);
        if (_count < _heap.Length) SiftUp(_count++, key);
        else SiftDown(key);
        if (_count == _heap.Length) _threshold = Score(_heap[0]);
    }

    private void SiftUp(int at, ulong key)
    {
        for (int parent; at > 0 && _heap[parent = (at - 1) / 2] > key; at = parent) _heap[at] = _heap[parent];
        _heap[at] = key;
    }

    // The new key takes the place of the root, the worst.
    private void SiftDown(ulong key)
    {
        var at = 0;
        for (int child; (child = 2 * at + 1) < _count; at = child)
        {
            if (child + 1 < _count && _heap[child + 1] < _heap[child]) child++;
            if (_heap[child] >= key) break;
            _heap[at] = _heap[child];
        }
        _heap[at] = key;
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
