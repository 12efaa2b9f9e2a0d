using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LmmRec.Encoders.Images;

/// <summary>
/// Resizes as Pillow does, bit for bit: first along rows, then along columns, each pass rounded to 8 bits. Only the window that is asked for is made.
/// Inside, a pixel takes four bytes, so that four pixels fill a vector.
/// </summary>
internal static class Resampler
{
    private const int Lanes = 4; // bytes of a pixel inside: R, G, B and one that nobody reads

    /// <summary>The part (<paramref name="left"/>, <paramref name="top"/>, <paramref name="width"/>, <paramref name="height"/>) of
    /// <paramref name="source"/> resized to <paramref name="fullWidth"/> × <paramref name="fullHeight"/>.</summary>
    public static RgbImage Resize(RgbImage source, int fullWidth, int fullHeight, int left, int top, int width, int height, Filter filter)
    {
        var columns = ResamplingWeights.For(source.Width, fullWidth, left, width, filter);
        var rows = ResamplingWeights.For(source.Height, fullHeight, top, height, filter);
        var firstRow = rows.Starts[0];
        var lastRow = Math.Min(source.Height, rows.Starts[^1] + rows.Taps);

        // Rows of weight 0 lie below the last one that counts, so that every output row has all its taps.
        var narrow = ArrayPool<byte>.Shared.Rent((lastRow - firstRow + rows.Taps) * width * Lanes);
        var spread = new int[columns.Weights.Length * Lanes]; // a weight per lane
        for (var i = 0; i < spread.Length; i++) spread[i] = columns.Weights[i / Lanes];
        var padded = new byte[(source.Width + columns.Taps) * Lanes];
        for (var y = firstRow; y < lastRow; y++)
        {
            Widen(source.Pixels.AsSpan(y * source.Width * 3, source.Width * 3), padded);
            ResizeRow(padded, columns, spread, narrow.AsSpan((y - firstRow) * width * Lanes, width * Lanes));
        }

        var result = new byte[width * height * 3];
        var line = new byte[width * Lanes];
        for (var y = 0; y < height; y++)
        {
            MixRows(narrow.AsSpan((rows.Starts[y] - firstRow) * line.Length), rows.Weights.AsSpan(y * rows.Taps, rows.Taps), line);
            Narrow(line, result.AsSpan(y * width * 3, width * 3));
        }
        ArrayPool<byte>.Shared.Return(narrow);
        return new RgbImage(width, height, result);
    }

    // RGB RGB … → RGB· RGB· …
    private static void Widen(ReadOnlySpan<byte> rgb, Span<byte> target)
    {
        var spread = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);
        var i = 0;
        for (; i + 16 <= rgb.Length; i += 12)
            Vector128.Shuffle(Vector128.Create(rgb.Slice(i, 16)), spread).CopyTo(target[(i / 3 * Lanes)..]);
        for (; i < rgb.Length; i += 3)
            rgb.Slice(i, 3).CopyTo(target[(i / 3 * Lanes)..]);
    }

    private static void Narrow(ReadOnlySpan<byte> pixels, Span<byte> rgb)
    {
        for (var i = 0; i < rgb.Length; i += 3) pixels.Slice(i / 3 * Lanes, 3).CopyTo(rgb[i..]);
    }

    private static void ResizeRow(ReadOnlySpan<byte> row, ResamplingWeights columns, ReadOnlySpan<int> spread, Span<byte> target)
    {
        var output = MemoryMarshal.Cast<byte, uint>(target);
        var length = columns.Taps * Lanes;
        for (var x = 0; x < output.Length; x++)
        {
            // One check for all taps of a pixel: the loop is most of the time that a large picture takes after decoding.
            ref var pixel = ref MemoryMarshal.GetReference(row.Slice(columns.Starts[x] * Lanes, length));
            ref var weight = ref MemoryMarshal.GetReference(spread.Slice(x * length, length));
            var sum = WeightedSum(ref pixel, ref weight, (nuint)length);
            var rounded = Round(Vector256.Create(sum.GetLower() + sum.GetUpper(), Vector128<int>.Zero)).GetLower();
            output[x] = Vector128.Narrow(Vector128.Narrow(rounded, rounded), default).AsUInt32().ToScalar();
        }
    }

    // Four pixels a step.
    private static Vector256<int> WeightedSum(ref byte pixel, ref int weight, nuint length)
    {
        if (Avx512F.IsSupported)
        {
            var all = Vector512<int>.Zero;
            for (nuint i = 0; i < length; i += 16)
                all += Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref pixel, i)) * Vector512.LoadUnsafe(ref weight, i);
            return all.GetLower() + all.GetUpper();
        }
        Vector256<int> even = default, odd = default;
        for (nuint i = 0; i < length; i += 16)
        {
            even += Widen(ref pixel, i) * Vector256.LoadUnsafe(ref weight, i);
            odd += Widen(ref pixel, i + 8) * Vector256.LoadUnsafe(ref weight, i + 8);
        }
        return even + odd;
    }

    private static void MixRows(ReadOnlySpan<byte> rows, ReadOnlySpan<int> weights, Span<byte> target)
    {
        for (var x = 0; x < target.Length; x += 16)
        {
            // The last vector of a row that is no multiple of 16 begins earlier and does some lanes again.
            x = Math.Min(x, Math.Max(0, target.Length - 16));
            Vector256<int> low = default, high = default;
            for (var t = 0; t < weights.Length; t++)
            {
                ref var bytes = ref MemoryMarshal.GetReference(rows.Slice(t * target.Length + x, 16));
                var weight = Vector256.Create(weights[t]);
                low += Widen(ref bytes, 0) * weight;
                high += Widen(ref bytes, 8) * weight;
            }
            var shorts = Vector256.Narrow(Round(low), Round(high));
            Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).AsByte().CopyTo(target[x..]);
        }
    }

    // Eight bytes as integers; the general way takes three instructions more.
    private static Vector256<int> Widen(ref byte bytes, nuint at)
    {
        var eight = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at))).AsByte();
        if (Avx2.IsSupported) return Avx2.ConvertToVector256Int32(eight);
        var shorts = Vector128.WidenLower(eight).AsInt16();
        return Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts));
    }

    private static Vector256<int> Round(Vector256<int> sum)
    {
        var value = (sum + Vector256.Create(1 << (ResamplingWeights.FractionBits - 1))) >> ResamplingWeights.FractionBits;
        return Vector256.Min(Vector256.Max(value, Vector256<int>.Zero), Vector256.Create(255));
    }
}
