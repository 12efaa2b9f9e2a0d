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
    private const int StripBytes = 1 << 16; // read at once: stays in the processor's second cache

    /// <summary>The part (<paramref name="left"/>, <paramref name="top"/>, <paramref name="width"/>, <paramref name="height"/>) of
    /// <paramref name="source"/> resized to <paramref name="fullWidth"/> × <paramref name="fullHeight"/>.</summary>
    public static RgbImage Resize(IPixelRows source, int fullWidth, int fullHeight, int left, int top, int width, int height, Filter filter)
    {
        var alongRow = ResamplingWeights.For(source.Width, fullWidth, left, width, filter);
        var alongColumn = ResamplingWeights.For(source.Height, fullHeight, top, height, filter);
        var firstRow = alongColumn.Starts[0];
        var rows = Math.Min(source.Height, alongColumn.Starts[^1] + alongColumn.Taps) - firstRow;

        var strip = Math.Max(1, StripBytes / (source.Width * Channels * Together)) * Together;
        using var wide = new Lines(strip, source.Width + alongRow.Taps);
        using var columns = new Lines(width, rows + alongColumn.Taps);
        using var result = new Lines(height, width);
        for (var y = 0; y < rows; y += strip)
        {
            var count = Math.Min(strip, rows - y);
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
        fixed (int* allWeights = weights.Weights)
        {
            var stride = source.Stride;
            for (var i = 0; i < weights.Starts.Length; i++)
            {
                var pixels = lines + (weights.Starts[i] - origin) * Channels;
                var weight = allWeights + i * weights.Taps;
                Vector256<int> a = default, b = default, c = default, d = default;
                for (var end = weight + weights.Taps; weight < end; weight += 2, pixels += 2 * Channels)
                {
                    var w = Vector256.Create(Vector128.Create(weight[0]), Vector128.Create(weight[1]));
                    a += TwoPixels(pixels) * w;
                    b += TwoPixels(pixels + stride) * w;
                    c += TwoPixels(pixels + 2 * stride) * w;
                    d += TwoPixels(pixels + 3 * stride) * w;
                }
                var shorts = Vector256.Narrow(Round(Sum(a, b)), Round(Sum(c, d)));
                Vector128.ShuffleNative(Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).AsByte(), packed).Store(output + i * target.Stride + column * Channels);
            }
        }
    }

    // RGBRGB → R, G, B, 0, R, G, B, 0
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<int> TwoPixels(byte* rgb)
    {
        const byte zero = 255;
        var first = Vector128.Create(0, zero, zero, zero, 1, zero, zero, zero, 2, zero, zero, zero, zero, zero, zero, zero);
        var second = Vector128.Create(3, zero, zero, zero, 4, zero, zero, zero, 5, zero, zero, zero, zero, zero, zero, zero);
        return Avx2.IsSupported
            ? Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(rgb), Vector256.Create(first, second)).AsInt32() // the general way takes two instructions more
            : Vector256.Create(Vector128.ShuffleNative(Vector128.Load(rgb), first), Vector128.ShuffleNative(Vector128.Load(rgb), second)).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(Vector256<int> a, Vector256<int> b) => Vector256.Create(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<int> sum)
    {
        var value = (sum + Vector256.Create(1 << (ResamplingWeights.FractionBits - 1))) >> ResamplingWeights.FractionBits;
        return Vector256.Min(Vector256.Max(value, Vector256<int>.Zero), Vector256.Create(255));
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
