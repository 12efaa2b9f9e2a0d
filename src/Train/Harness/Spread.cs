using System.Numerics.Tensors;

namespace LmmRec.Train.Harness;

/// <summary>How far vectors are from being all the same, which is what a learning rate that is far too large makes of them: normalisation keeps every number finite.</summary>
internal static class Spread
{
    /// <summary>Less is none: no vector depends on its picture or text any more.</summary>
    public const double Least = 1e-6;

    /// <summary>1 − the lowest cosine of <paramref name="first"/> with one of <paramref name="vectors"/>; 0 where there are none.</summary>
    /// <param name="first">a vector</param>
    /// <param name="vectors">others, one after the other</param>
    public static double Of(ReadOnlySpan<float> first, ReadOnlySpan<float> vectors)
    {
        var spread = 0.0;
        for (; vectors.Length > 0; vectors = vectors[first.Length..]) spread = Math.Max(spread, 1 - TensorPrimitives.CosineSimilarity(first, vectors[..first.Length]));
        return spread;
    }
}
