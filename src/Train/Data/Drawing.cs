using LmmRec.Artifacts;

namespace LmmRec.Train.Data;

/// <summary>Drawing some of many without replacement.</summary>
public static class Drawing
{
    /// <summary><paramref name="count"/> of 0 … <paramref name="population"/> − 1, every subset with the same probability, ascending (Knuth's algorithm S).</summary>
    public static int[] Uniform(int population, int count, SeededRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, population);
        var drawn = new int[count];
        for (int index = 0, taken = 0; taken < count; index++)
            if (random.NextInt32(population - index) < count - taken) drawn[taken++] = index;
        return drawn;
    }

    /// <summary>
    /// <paramref name="count"/> of the indices of <paramref name="weights"/>, one after the other, each with a probability proportional to its weight
    /// among those left; ascending. The smallest of exponential variates of these rates are such a draw (Efraimidis and Spirakis, 2006).
    /// </summary>
    /// <param name="weights">greater than 0</param>
    /// <param name="count">at most the number of weights</param>
    /// <param name="random">one draw per weight</param>
    public static int[] Weighted(ReadOnlySpan<double> weights, int count, SeededRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, weights.Length);
        var (arrivals, indices) = (new double[weights.Length], new int[weights.Length]);
        for (var i = 0; i < weights.Length; i++) (arrivals[i], indices[i]) = (-Math.Log(1 - random.NextDouble()) / weights[i], i);
        Array.Sort(arrivals, indices);
        Array.Sort(indices, 0, count);
        return indices[..count];
    }
}
