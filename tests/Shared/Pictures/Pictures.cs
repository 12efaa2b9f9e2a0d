using LmmRec.Artifacts;
using LmmRec.Encoders.Images;
using NetVips;

namespace LmmRec.Tests;

/// <summary>Pictures of our own making.</summary>
internal static class Pictures
{
    /// <summary>Noise over a slope, so that neither rows, columns nor channels are alike.</summary>
    public static RgbImage Draw(int width, int height, long seed = 1)
    {
        var random = new SeededRandom(seed);
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(i / 3 % width * 255 / width / 2 + random.NextInt32(128));
        return new RgbImage(width, height, pixels);
    }

    public static byte[] Png(RgbImage picture) => With(picture.Pixels, picture, 3, image => image.PngsaveBuffer());

    public static byte[] Jpeg(RgbImage picture) => With(picture.Pixels, picture, 3, image => image.JpegsaveBuffer(q: 90));

    /// <summary>Encodes <paramref name="bands"/> bytes per pixel of a picture as large as <paramref name="size"/>.</summary>
    public static byte[] With(byte[] pixels, RgbImage size, int bands, Func<Image, byte[]> save)
    {
        using var image = Image.NewFromMemory(pixels, size.Width, size.Height, bands, Enums.BandFormat.Uchar);
        return save(image);
    }

    /// <summary>All of <paramref name="source"/>.</summary>
    public static RgbImage Of(IPixelRows source) => new(source.Width, source.Height, source.Rows(0, source.Height).ToArray());

    /// <summary>The rows of <paramref name="picture"/>.</summary>
    public static IPixelRows RowsOf(RgbImage picture) => new MemoryRows(picture);

    public static RgbImage Decode(byte[] file, bool applyOrientation = false)
    {
        Assert.True(ImageDecoder.TryDecode(file, applyOrientation, Of, out var image, out var reason), reason);
        return image!;
    }

    public static string Refusal(byte[] file)
    {
        Assert.False(ImageDecoder.TryDecode(file, applyOrientation: false, Of, out _, out var reason));
        return reason!;
    }

    private sealed class MemoryRows(RgbImage picture) : IPixelRows
    {
        public int Width => picture.Width;

        public int Height => picture.Height;

        public ReadOnlySpan<byte> Rows(int first, int count) => picture.Pixels.AsSpan(first * Width * 3, count * Width * 3);
    }
}
