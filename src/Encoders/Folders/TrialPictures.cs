using NetVips;

namespace LmmRec.Encoders.Folders;

/// <summary>Three pictures that no encoder takes for the same, as PNG files: a slope of colours, stripes, a disc.</summary>
internal static class TrialPictures
{
    private const int Width = 320, Height = 240;

    public static IReadOnlyList<byte[]> All { get; } =
    [
        Draw((x, y) => (255 * x / Width, 255 * y / Height, 128)),
        Draw((x, _) => x / 20 % 2 == 0 ? (230, 30, 30) : (250, 240, 220)),
        Draw((x, y) => (x - 160) * (x - 160) + (y - 120) * (y - 120) < 90 * 90 ? (20, 60, 160) : (255, 255, 255)),
    ];

    private static byte[] Draw(Func<int, int, (int Red, int Green, int Blue)> colour)
    {
        var pixels = new byte[Height * Width * 3];
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
            {
                var (red, green, blue) = colour(x, y);
                ((ReadOnlySpan<byte>)[(byte)red, (byte)green, (byte)blue]).CopyTo(pixels.AsSpan((y * Width + x) * 3));
            }
        using var image = Image.NewFromMemory(pixels, Width, Height, 3, Enums.BandFormat.Uchar);
        return image.PngsaveBuffer();
    }
}
