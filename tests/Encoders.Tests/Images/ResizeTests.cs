using CsCheck;
using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Tests.Images;

public sealed class ResizeTests
{
    private static readonly Gen<(int Width, int Height, int Size, ResizeRule Rule, Filter Filter)> Cases =
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 90], Gen.Int[8, 40], Gen.Enum<ResizeRule>(), Gen.Enum<Filter>());

    [Fact]
    public void A_picture_of_one_colour_keeps_it() => Cases.Sample(c =>
    {
        byte[] colour = [7, 130, 255];
        var picture = new RgbImage(c.Width, c.Height, [.. Enumerable.Repeat(colour, c.Width * c.Height).SelectMany(p => p)]);
        Assert.All(Rule(c, c.Size).ResizeAndCrop(Pictures.RowsOf(picture)).Pixels.Chunk(3), pixel => Assert.Equal(colour, pixel));
    }, seed: "0000000000000", iter: 200);

    /// <summary>Two passes, each rounded to 8 bits, with weights in 22-bit fixed point: the plain formulas, pixel by pixel.</summary>
    [Fact]
    public void Every_pixel_is_what_the_formulas_say() => Cases.Sample(c =>
    {
        var picture = Pictures.Draw(c.Width, c.Height);
        var actual = Rule(c, 8).ResizeAndCrop(Pictures.RowsOf(picture));
        var (width, height) = c.Rule == ResizeRule.Stretch ? (c.Size, c.Size)
            : c.Width <= c.Height ? (c.Size, c.Size * c.Height / c.Width) : (c.Size * c.Width / c.Height, c.Size);
        var rows = Enumerable.Range(0, c.Height).Select(y => Line(picture.Pixels.AsSpan(y * c.Width * 3, c.Width * 3).ToArray().Chunk(3).ToArray(), width, c.Filter)).ToArray();
        for (var x = 0; x < 8; x++)
        {
            var fullX = x + (int)Math.Round((width - 8) / 2.0);
            var column = Line([.. rows.Select(row => row[fullX])], height, c.Filter);
            for (var y = 0; y < 8; y++)
                Assert.Equal(column[y + (int)Math.Round((height - 8) / 2.0)], actual.Pixels.AsSpan((y * 8 + x) * 3, 3).ToArray());
        }
    }, seed: "0000000000000", iter: 100);

    [Fact]
    public void Pixels_are_normalised_per_channel_into_planes()
    {
        var rule = new ImagePreprocessing { ResizeTo = 8, Crop = 8, Mean = [0, 0.5, 1], Std = [1, 0.5, 2] };
        var values = new float[3 * 64];
        rule.Normalise(new RgbImage(8, 8, [.. Enumerable.Repeat(new byte[] { 255, 255, 0 }, 64).SelectMany(p => p)]), values);
        Assert.Equal([1f, 1f, -0.5f], new[] { values[0], values[64], values[128] });
    }

    private static ImagePreprocessing Rule((int Width, int Height, int Size, ResizeRule Rule, Filter Filter) c, int crop) =>
        new() { Resize = c.Rule, ResizeTo = c.Size, Crop = crop, Filter = c.Filter };

    private static byte[][] Line(byte[][] pixels, int size, Filter filter) => [.. Enumerable.Range(0, size).Select(i =>
    {
        var scale = (double)pixels.Length / size;
        var widening = Math.Max(1, scale);
        var support = (filter == Filter.Bicubic ? 2 : 1) * widening;
        var center = (i + 0.5) * scale;
        var taps = Enumerable.Range(0, pixels.Length).Where(x => x >= (int)(center - support + 0.5) && x < (int)(center + support + 0.5)).ToArray();
        var weights = taps.Select(x => Weight(filter, Math.Abs((x - center + 0.5) / widening))).ToArray();
        var fixedPoint = weights.Select(w => (long)Math.Round(w / weights.Sum() * (1 << 22), MidpointRounding.AwayFromZero)).ToArray();
        return Enumerable.Range(0, 3).Select(c => (byte)Math.Clamp(taps.Zip(fixedPoint, (x, w) => pixels[x][c] * w).Sum() + (1 << 21) >> 22, 0, 255)).ToArray();
    })];

    private static double Weight(Filter filter, double d) => filter == Filter.Bilinear ? Math.Max(0, 1 - d)
        : d < 1 ? 1.5 * d * d * d - 2.5 * d * d + 1
        : d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0;
}
