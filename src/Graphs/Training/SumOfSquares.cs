using LmmRec.Graphs.Kernels;

namespace LmmRec.Graphs;

/// <summary>The sum of the squares of a tensor's elements.</summary>
internal static class SumOfSquares
{
    private const int Chunk = 1 << 16; // elements that are summed in single precision before they are added in double

    /// <summary>NaN where an element is not finite. Chunks are added in their order, whichever of the <paramref name="threads"/> took them; 0 takes all cores.</summary>
    public static double Of(NativeTensor tensor, int threads)
    {
        var length = tensor.Floats.Length;
        var sums = new double[(length + Chunk - 1) / Chunk];
        if (sums.Length == 1) sums[0] = OfChunk(tensor.Floats);
        else Parallel.For(0, sums.Length, new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads },
            i => sums[i] = OfChunk(tensor.Floats.Slice(i * Chunk, Math.Min(Chunk, length - i * Chunk))));
        return sums.Sum();
    }

    private static unsafe double OfChunk(ReadOnlySpan<float> chunk)
    {
        fixed (float* first = chunk)
            return VectorMath.Dot(first, first, chunk.Length) is var squares && float.IsFinite(squares) ? squares : OfLarge(chunk);
    }

    private static double OfLarge(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += float.IsFinite(value) ? (double)value * value : double.NaN;
        return sum;
    }
}
