namespace LmmRec.Encoders.Images;

/// <summary>Interpolation kernels, as Pillow names them.</summary>
public enum Filter
{
    /// <summary>Triangle of half-width 1.</summary>
    Bilinear,

    /// <summary>Keys' cubic of half-width 2 with a = −0.5.</summary>
    Bicubic,
}

/// <summary>
/// The weights that make a range of output pixels from input pixels along one axis. When an axis shrinks, the kernel is widened by the same
/// factor (anti-aliasing). Weights are rounded to 22-bit fixed point, so every sum is exact in 32 bits and the result is Pillow's to the last bit.
/// </summary>
internal sealed class ResamplingWeights
{
    /// <summary>Bits after the point: 8 of the 32 are the pixel's, 2 are left for sums above 255 and for the sign.</summary>
    public const int FractionBits = 32 - 8 - 2;

    /// <summary>A weight is <see cref="High"/> · 2^LowBits + <see cref="Low"/>: processors multiply 16 bits much faster than 32.</summary>
    public const int LowBits = FractionBits / 2;

    /// <summary>Input pixels that are weighted at once.</summary>
    public const int AtOnce = 4;

    private ResamplingWeights(int[] starts, short[] high, short[] low, int taps) => (Starts, High, Low, Taps) = (starts, high, low, taps);

    /// <summary>First input pixel of each output pixel.</summary>
    public int[] Starts { get; }

    /// <summary>[outputs × <see cref="Taps"/>], −2^11 … 2^11; zero where an output pixel needs fewer.</summary>
    public short[] High { get; }

    /// <summary>[outputs × <see cref="Taps"/>], 0 … 2^11 − 1.</summary>
    public short[] Low { get; }

    /// <summary>Input pixels per output pixel: a multiple of <see cref="AtOnce"/>, so that vectors need no remainder.</summary>
    public int Taps { get; }

    /// <summary>Weights for output pixels <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1 of an axis that goes from
    /// <paramref name="inputSize"/> to <paramref name="outputSize"/> pixels.</summary>
    public static ResamplingWeights For(int inputSize, int outputSize, int first, int count, Filter filter)
    {
        var scale = (double)inputSize / outputSize;
        var widening = Math.Max(scale, 1.0);
        var support = (filter == Filter.Bicubic ? 2.0 : 1.0) * widening;
        var taps = ((int)(2 * support) + 1 + AtOnce - 1) / AtOnce * AtOnce;
        var starts = new int[count];
        var (high, low) = (new short[count * taps], new short[count * taps]);
        Span<double> exact = new double[taps];
        for (var i = 0; i < count; i++)
        {
            var center = (first + i + 0.5) * scale;
            var start = Math.Max(0, (int)(center - support + 0.5));
            var end = Math.Min(inputSize, (int)(center + support + 0.5));
            var sum = 0.0;
            for (var x = start; x < end; x++)
                sum += exact[x - start] = Kernel(filter, (x - center + 0.5) * (1.0 / widening));
            starts[i] = start;
            for (var x = start; x < end; x++)
            {
                var weight = (int)Math.Round(exact[x - start] / sum * (1 << FractionBits), MidpointRounding.AwayFromZero);
                high[i * taps + x - start] = (short)(weight >> LowBits);
                low[i * taps + x - start] = (short)(weight & ((1 << LowBits) - 1));
            }
        }
        return new ResamplingWeights(starts, high, low, taps);
    }

    private static double Kernel(Filter filter, double distance)
    {
        var d = Math.Abs(distance);
        if (filter == Filter.Bilinear) return d < 1 ? 1 - d : 0;
        const double a = -0.5;
        if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
        return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
    }
}
