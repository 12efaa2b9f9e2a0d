using LmmRec.Artifacts;

namespace LmmRec.Graphs;

/// <summary>Draws the first values of a parameter of the given shape, in row-major order.</summary>
public delegate void Initializer(Span<float> values, ReadOnlySpan<long> shape, SeededRandom random);

/// <summary>
/// PyTorch's initialisers (docs/recommenders.md#initialisers): for a matrix stored <c>[a, b]</c> fan-in is b and fan-out is a, as for embedding
/// tables and for linear weights stored <c>[out, in]</c>; further dimensions are the receptive field of a convolution.
/// </summary>
public static class Initializers
{
    public static Initializer Zeros { get; } = Constant(0);

    public static Initializer Ones { get; } = Constant(1);

    /// <summary>U(−a, a) with a = √(6 / (fan-in + fan-out)).</summary>
    public static Initializer XavierUniform { get; } = (values, shape, random) => FillUniform(values, Math.Sqrt(6 / FanSum(shape)), random);

    /// <summary>N(0, 2 / (fan-in + fan-out)).</summary>
    public static Initializer XavierNormal { get; } = (values, shape, random) => FillNormal(values, Math.Sqrt(2 / FanSum(shape)), random);

    /// <summary>U(−1/√in, 1/√in), the default of a linear or convolutional layer with <paramref name="fanIn"/> inputs, for weight and bias alike.</summary>
    public static Initializer Linear(long fanIn) => (values, _, random) => FillUniform(values, 1 / Math.Sqrt(fanIn), random);

    /// <summary>N(0, <paramref name="deviation"/>²).</summary>
    public static Initializer Normal(double deviation) => (values, _, random) => FillNormal(values, deviation, random);

    /// <summary>U(−<paramref name="bound"/>, <paramref name="bound"/>).</summary>
    public static Initializer Uniform(double bound) => (values, _, random) => FillUniform(values, bound, random);

    /// <summary>The same value everywhere.</summary>
    public static Initializer Constant(float value) => (values, _, _) => values.Fill(value);

    private static double FanSum(ReadOnlySpan<long> shape)
    {
        if (shape.Length < 2) throw new GraphException("Xavier initialisers need at least two dimensions");
        var field = 1L;
        foreach (var size in shape[2..]) field *= size;
        return (double)(shape[0] + shape[1]) * field;
    }

    private static void FillUniform(Span<float> values, double bound, SeededRandom random)
    {
        foreach (ref var value in values) value = (float)((2 * random.NextDouble() - 1) * bound);
    }

    private static void FillNormal(Span<float> values, double deviation, SeededRandom random)
    {
        foreach (ref var value in values) value = (float)(random.NextNormal() * deviation);
    }
}
