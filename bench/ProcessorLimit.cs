using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LmmRec.Bench;

/// <summary>What a number of threads can multiply and add at most: fused multiply-adds of registers alone.</summary>
internal static class ProcessorLimit
{
    private const int Rounds = 12_000_000; // some 50 ms, against which the start of a thread is nothing
    private const int Sums = 8; // two units that take four cycles each never wait

    /// <summary>Multiplications and additions of each thread.</summary>
    public const double Operations = 2.0 * Rounds * Sums * 16;

    public static void Run(int threads)
    {
        var running = Enumerable.Range(0, threads).Select(_ => new Thread(() => MultiplyAndAdd())).ToList();
        running.ForEach(thread => thread.Start());
        running.ForEach(thread => thread.Join());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MultiplyAndAdd()
    {
        var half = Vector512.Create(0.5f);
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (var i = 0; i < Rounds; i++)
        {
            s0 = Vector512.FusedMultiplyAdd(s0, half, half);
            s1 = Vector512.FusedMultiplyAdd(s1, half, half);
            s2 = Vector512.FusedMultiplyAdd(s2, half, half);
            s3 = Vector512.FusedMultiplyAdd(s3, half, half);
            s4 = Vector512.FusedMultiplyAdd(s4, half, half);
            s5 = Vector512.FusedMultiplyAdd(s5, half, half);
            s6 = Vector512.FusedMultiplyAdd(s6, half, half);
            s7 = Vector512.FusedMultiplyAdd(s7, half, half);
        }
        return Vector512.Sum(s0 + s1 + s2 + s3 + (s4 + s5 + s6 + s7));
    }
}
