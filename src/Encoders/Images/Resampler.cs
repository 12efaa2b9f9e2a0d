using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LmmRec.Encoders.Images;

/// <summary>
/// Resizes as Pillow does, bit for bit: first along rows, then along columns, each pass rounded to 8 bits. Only the window that is asked for is made.
/// Both are the same pass: it resizes four lines at once, so that weights are loaded once for all of them, and writes them as columns; the second one
/// turns the picture back.
/// </summary>
internal static class Resampler
{
    private const int Channels = 3;
    private const int Together = 4;         // lines that a pass resizes at once
    private const int StripRows = 16;       // read at once: what a JPEG file holds together

    /// <summary>The part (<paramref name="left"/>, <paramref name="top"/>, <paramref name="width"/>, <paramref name="height"/>) of
    /// <paramref name="source"/> resized to <paramref name="fullWidth"/> × <paramref name="fullHeight"/>.</summary>
    public static RgbImage Resize(IPixelRows source, int fullWidth, int fullHeight, int left, int top, int width, int height, Filter filter)
    {
        var alongRow = ResamplingWeights.For(source.Width, fullWidth, left, width, filter);
        var alongColumn = ResamplingWeights.For(source.Height, fullHeight, top, height, filter);
        var firstRow = alongColumn.Starts[0];
        var rows = Math.Min(source.Height, alongColumn.Starts[^1] + alongColumn.Taps) - firstRow;

        using var wide = new Lines(StripRows, source.Width + alongRow.Taps);
        using var columns = new Lines(width, rows + alongColumn.Taps);
        using var result = new Lines(height, width);
        for (var y = 0; y < rows; y += StripRows)
        {
            var count = Math.Min(StripRows, rows - y);
            wide.Fill(source.Rows(firstRow + y, count), count, source.Width);
            for (var line = 0; line < count; line += Together) Pass(wide, line, 0, alongRow, columns, y + line);
        }
        for (var x = 0; x < width; x += Together) Pass(columns, x, firstRow, alongColumn, result, x);
        return new RgbImage(width, height, result.ToArray(height, width));
    }

    // Resizes four lines from the given one on, which begin with pixel origin, and writes them as columns from the given one on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // most of the time that is not decoding; waiting for the runtime to notice costs the first hundred pictures
    private static unsafe void Pass(Lines source, int line, int origin, ResamplingWeights weights, Lines target, int column)
    {
        // Four pixels as vectors of integers, R, G, B and 0 each, become twelve bytes.
        var packed = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        fixed (byte* lines = source.From(line), output = target.From(0))
        fixed (short* allHigh = weights.High, allLow = weights.Low)
        {
            var stride = source.Stride;
            for (var i = 0; i < weights.Starts.Length; i++)
            {
                var pixels = lines + (weights.Starts[i] - origin) * Channels;
                var high = allHigh + i * weights.Taps;
                var low = allLow + i * weights.Taps;
                Vector256<int> a = default, b = default, c = default, d = default, aLow = default, bLow = default, cLow = default, dLow = default;
                for (var end = high + weights.Taps; high < end; high += ResamplingWeights.AtOnce, low += ResamplingWeights.AtOnce, pixels += ResamplingWeights.AtOnce * Channels)
                {
                    var (h, l) = (Pairs(high), Pairs(low));
                    var four = Pairs(pixels);
                    a += MultiplyAdd(four, h);
                    aLow += MultiplyAdd(four, l);
                    four = Pairs(pixels + stride);
                    b += MultiplyAdd(four, h);
                    bLow += MultiplyAdd(four, l);
                    four = Pairs(pixels + 2 * stride);
                    c += MultiplyAdd(four, h);
                    cLow += MultiplyAdd(four, l);
                    four = Pairs(pixels + 3 * stride);
                    d += MultiplyAdd(four, h);
                    dLow += MultiplyAdd(four, l);
                }
                var (ab, cd) = (Round(Sum(a, b), Sum(aLow, bLow)), Round(Sum(c, d), Sum(cLow, dLow)));
                var shorts = Vector256.Narrow(ab, cd);
                Vector128.ShuffleNative(Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).AsByte(), packed).Store(output + i * target.Stride + column * Channels);
            }
        }
    }

    // Four pixels RGBRGBRGBRGB as pairs of 16 bits: R0 R1, G0 G1, B0 B1, 0 0, R2 R3, G2 G3, B2 B3, 0 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<short> Pairs(byte* rgb)
    {
        const byte zero = 255;
        var first = Vector128.Create(0, zero, 3, zero, 1, zero, 4, zero, 2, zero, 5, zero, zero, zero, zero, zero);
        var second = Vector128.Create(6, zero, 9, zero, 7, zero, 10, zero, 8, zero, 11, zero, zero, zero, zero, zero);
        return Avx2.IsSupported
            ? Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(rgb), Vector256.Create(first, second)).AsInt16()
            : Vector256.Create(Vector128.ShuffleNative(Vector128.Load(rgb), first), Vector128.ShuffleNative(Vector128.Load(rgb), second)).AsInt16();
    }

    // Their weights in the same places: W0 W1 four times, W2 W3 four times.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<short> Pairs(short* weights) =>
        Vector256.Create(Vector128.Create(((int*)weights)[0]), Vector128.Create(((int*)weights)[1])).AsInt16();

    // a0 b0 + a1 b1, a2 b2 + a3 b3, …
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> MultiplyAdd(Vector256<short> a, Vector256<short> b)
    {
        if (Avx2.IsSupported) return Avx2.MultiplyAddAdjacent(a, b);
        var (x, y) = (a.AsInt32(), b.AsInt32());
        return ((x << 16) >> 16) * ((y << 16) >> 16) + (x >> 16) * (y >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(Vector256<int> a, Vector256<int> b) => Vector256.Create(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<int> high, Vector256<int> low)
    {
        var sum = (high << ResamplingWeights.LowBits) + low + Vector256.Create(1 << (ResamplingWeights.FractionBits - 1));
        return Vector256.Min(Vector256.Max(sum >> ResamplingWeights.FractionBits, Vector256<int>.Zero), Vector256.Create(255));
    }

    /// <summary>Lines of pixels in borrowed memory, with room for whole groups of lines and of pixels. What lies beyond a picture's edge has weight 0.</summary>
    private sealed class Lines : IDisposable
    {
        private const int CacheLine = 64;
        private readonly byte[] _bytes;

        public Lines(int count, int length)
        {
            // Columns an even number of cache lines apart would fall into the same few places of the cache.
            Stride = (((length + Together) * Channels + Vector128<byte>.Count + CacheLine - 1) / CacheLine | 1) * CacheLine;
            _bytes = ArrayPool<byte>.Shared.Rent((count + Together) * Stride);
        }

        /// <summary>Bytes from one line to the next.</summary>
        public int Stride { get; }

        public Span<byte> From(int line) => _bytes.AsSpan(line * Stride);

        public void Fill(ReadOnlySpan<byte> rgb, int count, int length)
        {
            for (var i = 0; i < count; i++) rgb.Slice(i * length * Channels, length * Channels).CopyTo(From(i));
        }

        public byte[] ToArray(int count, int length)
        {
            var rgb = new byte[count * length * Channels];
            for (var i = 0; i < count; i++) From(i)[..(length * Channels)].CopyTo(rgb.AsSpan(i * length * Channels));
            return rgb;
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
    }
}
