namespace LmmRec.Encoders.Images;

/// <summary>Changes of a picture's values, each channel by itself and rounded as Pillow does it, to the bit.</summary>
internal static class PictureChanges
{
    private const int Channels = 3, Values = 256;

    /// <summary>Left becomes right.</summary>
    public static RgbImage Flip(RgbImage picture)
    {
        var pixels = new byte[picture.Pixels.Length];
        for (var y = 0; y < picture.Height; y++)
            for (var x = 0; x < picture.Width; x++)
                picture.Pixels.AsSpan((y * picture.Width + x) * Channels, Channels).CopyTo(pixels.AsSpan((y * picture.Width + picture.Width - 1 - x) * Channels));
        return picture with { Pixels = pixels };
    }

    /// <summary>The darkest value becomes 0 and the brightest 255.</summary>
    public static RgbImage StretchContrast(RgbImage picture) => Mapped(picture, counts =>
    {
        var (low, high) = (counts.IndexOfAnyExcept(0), counts.LastIndexOfAnyExcept(0));
        if (high <= low) return null;
        var scale = 255.0 / (high - low);
        var offset = -low * scale;
        return value => (int)(value * scale + offset);
    });

    /// <summary>Values become about equally frequent.</summary>
    public static RgbImage Equalize(RgbImage picture) => Mapped(picture, counts =>
    {
        var step = (picture.Width * picture.Height - counts[counts.LastIndexOfAnyExcept(0)]) / 255;
        if (step == 0) return null;
        var below = new int[Values];
        for (var value = 1; value < Values; value++) below[value] = below[value - 1] + counts[value - 1];
        return value => (step / 2 + below[value]) / step;
    });

    /// <summary>Each value times <paramref name="factor"/>.</summary>
    public static RgbImage Brighten(RgbImage picture, float factor) => Mapped(picture, _ => value => (int)(factor * value));

    /// <summary>The difference to the smoothed picture, times <paramref name="factor"/>; the edge stays.</summary>
    public static RgbImage Sharpen(RgbImage picture, float factor)
    {
        const int centre = 5, weights = 13; // the eight around it weigh 1 each
        var (source, pixels) = (picture.Pixels, (byte[])picture.Pixels.Clone());
        var stride = picture.Width * Channels;
        for (var y = 1; y < picture.Height - 1; y++)
            for (var i = y * stride + Channels; i < (y + 1) * stride - Channels; i++)
            {
                var sum = (centre - 1) * source[i];
                for (var row = i - stride; row <= i + stride; row += stride) sum += source[row - Channels] + source[row] + source[row + Channels];
                var smooth = (2 * sum + weights) / (2 * weights);
                pixels[i] = (byte)Math.Clamp(smooth + factor * (source[i] - smooth), 0, Values - 1);
            }
        return picture with { Pixels = pixels };
    }

    // Each channel by a table that is made of how often each value is there; null: as it is.
    private static RgbImage Mapped(RgbImage picture, Func<int[], Func<int, int>?> mapOf)
    {
        var pixels = new byte[picture.Pixels.Length];
        for (var channel = 0; channel < Channels; channel++)
        {
            var counts = new int[Values];
            for (var i = channel; i < pixels.Length; i += Channels) counts[picture.Pixels[i]]++;
            var map = mapOf(counts) ?? (value => value);
            byte[] table = [.. Enumerable.Range(0, Values).Select(value => (byte)Math.Clamp(map(value), 0, Values - 1))];
            for (var i = channel; i < pixels.Length; i += Channels) pixels[i] = table[picture.Pixels[i]];
        }
        return picture with { Pixels = pixels };
    }
}
