namespace LmmRec.Encoders.Images;

/// <summary>
/// Says where each point of the result lies in a picture: x' = xx x + xy y + x0, y' = yx x + yy y + y0. Values in between are bilinear and cut off to 8 bits,
/// as in Pillow; what lies outside is grey.
/// </summary>
internal readonly record struct AffineMap(double Xx, double Xy, double X0, double Yx, double Yy, double Y0)
{
    private const int Channels = 3;
    private const byte Grey = 128;

    /// <summary>Rows shifted by <paramref name="factor"/> pixels for each pixel below the upper edge.</summary>
    public static AffineMap ShearX(double factor) => new(1, factor, 0, 0, 1, 0);

    /// <summary>Columns shifted by <paramref name="factor"/> pixels for each pixel right of the left edge.</summary>
    public static AffineMap ShearY(double factor) => new(1, 0, 0, factor, 1, 0);

    /// <summary>Shifted by pixels.</summary>
    public static AffineMap Translation(double x, double y) => new(1, 0, x, 0, 1, y);

    /// <summary>Turned around the centre, counter-clockwise.</summary>
    public static AffineMap Rotation(double degrees, int width, int height)
    {
        var (sin, cos) = Math.SinCos(-degrees * Math.PI / 180);
        var (x, y) = (width / 2.0, height / 2.0);
        return new AffineMap(cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y);
    }

    /// <summary>The picture, in the same size.</summary>
    public RgbImage Apply(RgbImage picture)
    {
        var (width, height) = (picture.Width, picture.Height);
        var pixels = new byte[picture.Pixels.Length];
        Array.Fill(pixels, Grey);
        for (var row = 0; row < height; row++)
            for (var column = 0; column < width; column++)
            {
                // Between the centres of pixels.
                var (x, y) = (Xx * (column + 0.5) + Xy * (row + 0.5) + X0, Yx * (column + 0.5) + Yy * (row + 0.5) + Y0);
                if (x >= 0 && x < width && y >= 0 && y < height) Interpolate(picture, x - 0.5, y - 0.5, pixels.AsSpan((row * width + column) * Channels, Channels));
            }
        return picture with { Pixels = pixels };
    }

    private static void Interpolate(RgbImage picture, double x, double y, Span<byte> pixel)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (dx, dy) = (x - left, y - top);
        var (x0, x1) = (Math.Max(left, 0), Math.Min(left + 1, picture.Width - 1));
        var (y0, y1) = (Math.Max(top, 0), Math.Min(top + 1, picture.Height - 1));
        for (var channel = 0; channel < Channels; channel++)
        {
            var (upper, lower) = (Along(y0, channel), Along(y1, channel));
            pixel[channel] = (byte)(upper + (lower - upper) * dy);
        }

        double Along(int row, int channel)
        {
            var (a, b) = (picture.Pixels[(row * picture.Width + x0) * Channels + channel], picture.Pixels[(row * picture.Width + x1) * Channels + channel]);
            return a + (b - a) * dx;
        }
    }
}
