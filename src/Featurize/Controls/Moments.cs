using LmmRec.Artifacts;

namespace LmmRec.Featurize.Controls;

/// <summary>Mean and standard deviation of each dimension of some vectors.</summary>
/// <param name="Mean">[width]; empty where there is no vector</param>
/// <param name="Deviation">[width] of the vectors themselves, not estimated for a population</param>
internal sealed record Moments(double[] Mean, double[] Deviation)
{
    /// <summary>Goes over the vectors twice, in double precision; those that are null do not count.</summary>
    public static Moments Of(IEnumerable<float[]?> vectors)
    {
        var there = vectors.OfType<float[]>();
        var mean = Means(there, (value, _) => value);
        return new Moments(mean, Array.ConvertAll(Means(there, (value, f) => (value - mean[f]) * (value - mean[f])), Math.Sqrt));
    }

    /// <summary>The mean as a vector of features.</summary>
    public float[] Constant() => Array.ConvertAll(Mean, value => (float)value);

    /// <summary>Another vector, each of its values normal and drawn for itself.</summary>
    public float[] Draw(SeededRandom random) => [.. Mean.Zip(Deviation, (mean, deviation) => (float)(mean + deviation * random.NextNormal()))];

    private static double[] Means(IEnumerable<float[]> vectors, Func<double, int, double> of)
    {
        double[] sums = [];
        var count = 0;
        foreach (var vector in vectors)
        {
            if (count++ == 0) sums = new double[vector.Length];
            for (var f = 0; f < vector.Length; f++) sums[f] += of(vector[f], f);
        }
        return Array.ConvertAll(sums, sum => sum / count);
    }
}
