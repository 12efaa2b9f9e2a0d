namespace LmmRec.Encoders.Images;

/// <summary>Interpolation kernels, as Pillow names them.</summary>
public enum Filter
{
    /// <summary>Triangle of half-width 1.</summary>
    Bilinear,

    /// <summary>Keys' cubic of half-width 2 with a = −0.5.</summary>
    Bicubic,

    /// <summary>No interpolation: the pixel that lies there.</summary>
    Nearest,

    /// <summary>The mean of half-width 1/2.</summary>
    Box,

    /// <summary>Sinc of half-width 1 under Hamming's window.</summary>
    Hamming,

    /// <summary>Sinc of half-width 3 under its own first lobe.</summary>
    Lanczos,
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
        if (filter == Filter.Nearest) return Nearest(inputSize, scale, first, count);
        var widening = Math.Max(scale, 1.0);
        var support = HalfWidth(filter) * widening;
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

    // All of the weight on one pixel. Pillow adds up the steps, and so does this: a product would fall on another pixel now and then.
    private static ResamplingWeights Nearest(int inputSize, double scale, int first, int count)
    {
        var (starts, high) = (new int[count], new short[count * AtOnce]);
        var position = scale * 0.5;
        for (var i = -first; i < count; i++, position += scale)
        {
            if (i < 0) continue;
            starts[i] = Math.Min((int)position, inputSize - 1);
            high[i * AtOnce] = 1 << (FractionBits - LowBits);
        }
        return new ResamplingWeights(starts, high, new short[count * AtOnce], AtOnce);
    }

    private static double HalfWidth(Filter filter) => filter switch
    {
        Filter.Box => 0.5,
        Filter.Bicubic => 2,
        Filter.Lanczos => 3,
        _ => 1,
    };

    private static double Kernel(Filter filter, double distance)
    {
        const double a = -0.5;
        var d = Math.Abs(distance);
        return filter switch
        {
            Filter.Box => distance is > -0.5 and <= 0.5 ? 1 : 0,
            Filter.Bilinear => d < 1 ? 1 - d : 0,
            Filter.Hamming => d < 1 ? Sinc(d) * (0.54f + 0.46f * Math.Cos(d * Math.PI)) : 0, // Pillow's constants are floats
            Filter.Lanczos => distance is >= -3 and < 3 ? Sinc(d) * Sinc(d / 3) : 0,
            _ => d < 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0,
        };
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
