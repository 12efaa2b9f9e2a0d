using System.Numerics;

namespace LmmRec.Artifacts;

/// <summary>
/// The one random generator of the pipeline: xoshiro256** seeded by splitmix64 (Blackman and Vigna, 2018). The same seed gives the same
/// numbers on every machine and .NET version, and the state can be written to a checkpoint and read back.
/// </summary>
public sealed class SeededRandom
{
    private readonly ulong[] _state = new ulong[4];

    /// <summary>A generator whose numbers depend on <paramref name="seed"/> alone.</summary>
    public SeededRandom(long seed)
    {
        var mix = unchecked((ulong)seed);
        for (var i = 0; i < _state.Length; i++) _state[i] = SplitMix(ref mix);
    }

    /// <summary>A generator that goes on where the one that gave <paramref name="state"/> stood.</summary>
    public SeededRandom(ReadOnlySpan<ulong> state)
    {
        if (state.Length != 4) throw new ArgumentException($"a state has 4 words, not {state.Length}", nameof(state));
        state.CopyTo(_state);
    }

    /// <summary>The four state words.</summary>
    public ulong[] State => [.. _state];

    /// <summary>An independent generator for one named purpose, so that a draw added to one purpose leaves the others as they were.</summary>
    public static SeededRandom For(long seed, string purpose)
    {
        var hash = 14695981039346656037UL; // FNV-1a: string.GetHashCode differs from run to run
        foreach (var c in purpose) hash = (hash ^ c) * 1099511628211UL;
        return new SeededRandom(unchecked((long)((ulong)seed * 0x9E3779B97F4A7C15UL ^ hash)));
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_state[1] * 5, 7) * 9;
        var t = _state[1] << 17;
        _state[2] ^= _state[0];
        _state[3] ^= _state[1];
        _state[1] ^= _state[2];
        _state[0] ^= _state[3];
        _state[2] ^= t;
        _state[3] = BitOperations.RotateLeft(_state[3], 45);
        return result;
    }

    /// <summary>Uniform in 0 … <paramref name="exclusiveMax"/> − 1, without bias (Lemire, 2019).</summary>
    public int NextInt32(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        var bound = (ulong)exclusiveMax;
        var threshold = (0UL - bound) % bound;
        while (true)
        {
            var high = Math.BigMul(NextUInt64(), bound, out var low);
            if (low >= threshold) return (int)high;
        }
    }

    /// <summary>Uniform in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal (Box and Muller; one draw in two is thrown away so that the state alone says what comes next).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Puts <paramref name="values"/> in a uniformly drawn order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
