using LmmRec.Artifacts;
using NetVips;

namespace LmmRec.Sample;

/// <summary>
/// Draws a product: the silhouette of its kind, on it the motif in its colour and pattern. Size, place, tilt and light vary a little from picture to
/// picture, as photographs do, so that an encoder has something to look through.
/// </summary>
internal static class Picture
{
    private const int SmallestSide = 96, LargestSide = 160, Quality = 88;

    // The motif's half side within the silhouette's coordinates, which run from -1 to 1.
    private const double MotifSize = 0.54;

    /// <summary>The product's picture as JPEG; the same bytes for the same product and seed.</summary>
    public static byte[] Jpeg(Product product, int seed)
    {
        var random = SeededRandom.For(seed, "sample/picture/" + product.Asin);
        var width = SmallestSide + random.NextInt32(LargestSide - SmallestSide + 1);
        var height = SmallestSide + random.NextInt32(LargestSide - SmallestSide + 1);
        var pixels = Draw(product, width, height, random);
        using var image = Image.NewFromMemory(pixels, width, height, 3, Enums.BandFormat.Uchar);
        return image.JpegsaveBuffer(q: Quality);
    }

    private static byte[] Draw(Product product, int width, int height, SeededRandom random)
    {
        var radius = Math.Min(width, height) * (0.40 + 0.08 * random.NextDouble());
        var centreX = width * (0.5 + 0.06 * (random.NextDouble() - 0.5));
        var centreY = height * (0.5 + 0.06 * (random.NextDouble() - 0.5));
        var (sin, cos) = Math.SinCos(0.3 * (random.NextDouble() - 0.5));
        var light = 0.85 + 0.15 * random.NextDouble();
        var slope = 0.16 * (random.NextDouble() - 0.5);
        var background = new Rgb(225, 225, 225) + new Rgb(20 * random.NextDouble(), 20 * random.NextDouble(), 20 * random.NextDouble());

        var pixels = new byte[width * height * 3]; // [height, width, RGB]
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var sum = new Rgb(0, 0, 0);
                for (var sub = 0; sub < 4; sub++) // 2 × 2 samples per pixel smooth the edges
                {
                    var dx = (x + 0.25 + 0.5 * (sub & 1) - centreX) / radius;
                    var dy = (y + 0.25 + 0.5 * (sub >> 1) - centreY) / radius;
                    sum += ColourAt(product, cos * dx + sin * dy, cos * dy - sin * dx) ?? background;
                }
                (sum * (0.25 * light * (1 + slope * (x - centreX) / radius))).Store(pixels.AsSpan((y * width + x) * 3, 3));
            }
        return pixels;
    }

    private static Rgb? ColourAt(Product product, double u, double v)
    {
        if (!Silhouettes.Covers(product.Kind, u, v)) return null;
        var (mu, mv) = (u / MotifSize, v / MotifSize);
        if (!Motifs.Covers(product.Shape, mu, mv)) return Silhouettes.TintOf(product.Kind);
        var ink = Motifs.InkOf(product.Colour);
        return Motifs.IsInked(product.Pattern, mu, mv) ? ink : ink * 0.3 + new Rgb(255, 255, 255) * 0.7;
    }
}

/// <summary>A colour with channels 0 to 255, not yet rounded.</summary>
internal readonly record struct Rgb(double R, double G, double B)
{
    public static Rgb operator +(Rgb a, Rgb b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Rgb operator *(Rgb a, double f) => new(a.R * f, a.G * f, a.B * f);

    public void Store(Span<byte> pixel) => (pixel[0], pixel[1], pixel[2]) = (Byte(R), Byte(G), Byte(B));

    private static byte Byte(double channel) => (byte)Math.Clamp(channel + 0.5, 0, 255);
}
