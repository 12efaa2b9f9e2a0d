using CsCheck;
using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Tests.Images;

public sealed class ResizeTests
{
    private static readonly Gen<(int Width, int Height, int[] Size, ResizeRule Rule, Filter Filter, CropRounding Rounding)> Cases = Gen.Select(
        Gen.Int[1, 90], Gen.Int[1, 90], Gen.Int[8, 40].Array[2], Gen.Bool.Select(stretch => stretch ? ResizeRule.Stretch : ResizeRule.ShorterSide), Gen.Enum<Filter>(), Gen.Enum<CropRounding>());

    [Fact]
    public void A_picture_of_one_colour_keeps_it() => Cases.Sample(c =>
    {
        byte[] colour = [7, 130, 255];
        var picture = new RgbImage(c.Width, c.Height, [.. Enumerable.Repeat(colour, c.Width * c.Height).SelectMany(p => p)]);
        Assert.All(Rule(c, Sides(c)).ResizeAndCrop(Pictures.RowsOf(picture)).Pixels.Chunk(3), pixel => Assert.Equal(colour, pixel));
    }, seed: "0000000000000", iter: 200);

    /// <summary>Two passes, each rounded to 8 bits, with weights in 22-bit fixed point: the plain formulas, pixel by pixel.</summary>
    [Fact]
    public void Every_pixel_is_what_the_formulas_say() => Cases.Sample(c =>
    {
        var picture = Pictures.Draw(c.Width, c.Height);
        var actual = Rule(c, [8, 9]).ResizeAndCrop(Pictures.RowsOf(picture));
        Assert.Equal((9, 8), (actual.Width, actual.Height));
        var side = c.Size[0];
        var (width, height) = c.Rule == ResizeRule.Stretch ? (Math.Max(9, c.Size[1]), side)
            : c.Width <= c.Height ? (Math.Max(9, side), Math.Max(9, side) * c.Height / c.Width) : (Math.Max(9, side) * c.Width / c.Height, Math.Max(9, side));
        var rows = Enumerable.Range(0, c.Height).Select(y => Line(picture.Pixels.AsSpan(y * c.Width * 3, c.Width * 3).ToArray().Chunk(3).ToArray(), width, c.Filter)).ToArray();
        for (var x = 0; x < 9; x++)
        {
            var column = Line([.. rows.Select(row => row[x + Offset(width - 9)])], height, c.Filter);
            for (var y = 0; y < 8; y++) Assert.Equal(column[y + Offset(height - 8)], actual.Pixels.AsSpan((y * 9 + x) * 3, 3).ToArray());
        }

        int Offset(int left) => c.Rounding == CropRounding.Floor ? left / 2 : (int)Math.Round(left / 2.0);
    }, seed: "0000000000000", iter: 150);

    /// <summary>Of three pixels too many, transformers leaves one before the centre, torchvision two.</summary>
    [Theory]
    [InlineData(CropRounding.Floor, 11, 1)]
    [InlineData(CropRounding.Even, 11, 2)]
    [InlineData(CropRounding.Floor, 9, 0)]
    [InlineData(CropRounding.Even, 9, 0)]
    public void The_centre_begins_where_the_card_says(CropRounding rounding, int width, int expected)
    {
        var picture = Pictures.Draw(width, 8);
        var actual = new ImagePreprocessing { Resize = ResizeRule.None, Crop = [8], CropRounding = rounding }.ResizeAndCrop(Pictures.RowsOf(picture));
        Assert.Equal(picture.Pixels.AsSpan(expected * 3, 24), actual.Pixels.AsSpan(0, 24));
    }

    /// <summary>Of three pixels too few, transformers adds two before the picture, torchvision one.</summary>
    [Theory]
    [InlineData(CropRounding.Floor, 2)]
    [InlineData(CropRounding.Even, 1)]
    public void A_picture_that_is_not_resized_lies_on_black_where_it_is_too_small(CropRounding rounding, int before)
    {
        var picture = Pictures.Draw(9, 20);
        var actual = new ImagePreprocessing { Resize = ResizeRule.None, Crop = [8, 12], CropRounding = rounding }.ResizeAndCrop(Pictures.RowsOf(picture));
        Assert.Equal((12, 8), (actual.Width, actual.Height));
        for (var y = 0; y < 8; y++)
            Assert.Equal([.. new byte[before * 3], .. picture.Pixels.AsSpan((y + 6) * 27, 27), .. new byte[(3 - before) * 3]], actual.Pixels.AsSpan(y * 36, 36).ToArray());
    }

    [Fact]
    public void Pixels_are_normalised_per_channel_into_planes()
    {
        var rule = new ImagePreprocessing { ResizeTo = [8], Crop = [8], Mean = [0, 0.5, 1], Std = [1, 0.5, 2] };
        Assert.Equal([1f, 1f, -0.5f], Normalised(new Normalisation(rule)));
    }

    /// <summary>The 16th pixel in its second row, of 0 … 255, blue before red.</summary>
    [Fact]
    public void Pixels_are_rescaled_reordered_and_lessened_by_a_mean_image_as_the_card_says()
    {
        var rule = new ImagePreprocessing { ResizeTo = [8], Crop = [8], Rescale = 1, Channels = ChannelOrder.Bgr, Mean = [0, 0, 0], Std = [2, 4, 5] };
        Assert.Equal([0f, 63.75f, 127.5f], Normalised(new Normalisation(rule)));
        var means = Graphs.TensorData.Of([.. Enumerable.Range(0, 192).Select(i => (float)i)], 3, 8, 8);
        Assert.Equal([(0 - 15) / 5f, (255 - 79) / 4f, (255 - 143) / 2f], Normalised(new Normalisation(rule, means), 15), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Channels_come_last_where_the_input_takes_them_so()
    {
        var rule = new ImagePreprocessing { ResizeTo = [8], Crop = [8] };
        var picture = Pictures.Draw(8, 8);
        var (planes, last) = (new float[192], new float[192]);
        new Normalisation(rule).Write(picture, planes);
        new Normalisation(rule, channelsLast: true).Write(picture, last);
        for (var i = 0; i < 192; i++) Assert.Equal(planes[i % 3 * 64 + i / 3], last[i]);
    }

    /// <summary>A product in 64 bits, rounded once, is the quotient that the reference values are of.</summary>
    [Fact]
    public void Multiplying_by_1_over_255_is_dividing_by_255()
    {
        var values = new float[3 * 256];
        new Normalisation(new ImagePreprocessing { ResizeTo = [16], Crop = [16], Mean = [0, 0, 0], Std = [1, 1, 1] })
            .Write(new RgbImage(16, 16, [.. Enumerable.Range(0, 768).Select(i => (byte)(i / 3))]), values);
        for (var v = 0; v < 256; v++) Assert.Equal(v / 255f, values[v]);
    }

    // One pixel of a yellow picture, in all channels.
    private static float[] Normalised(Normalisation rule, int pixel = 0)
    {
        var values = new float[3 * 64];
        rule.Write(new RgbImage(8, 8, [.. Enumerable.Repeat(new byte[] { 255, 255, 0 }, 64).SelectMany(p => p)]), values);
        return [values[pixel], values[64 + pixel], values[128 + pixel]];
    }

    // Sides of what is resized, at least those that are cut out.
    private static int[] Sides((int Width, int Height, int[] Size, ResizeRule Rule, Filter Filter, CropRounding Rounding) c) =>
        c.Rule == ResizeRule.Stretch ? c.Size : [c.Size[0]];

    private static ImagePreprocessing Rule((int Width, int Height, int[] Size, ResizeRule Rule, Filter Filter, CropRounding Rounding) c, int[] crop)
    {
        int[] size = c.Rule == ResizeRule.Stretch ? [Math.Max(c.Size[0], crop[0]), Math.Max(c.Size[1], crop[^1])] : [Math.Max(c.Size[0], crop.Max())];
        var rule = new ImagePreprocessing { Resize = c.Rule, ResizeTo = size, Crop = crop, Filter = c.Filter, CropRounding = c.Rounding };
        Assert.Empty(rule.Faults());
        return rule;
    }

    private static byte[][] Line(byte[][] pixels, int size, Filter filter) => [.. Enumerable.Range(0, size).Select(i =>
    {
        var scale = (double)pixels.Length / size;
        if (filter == Filter.Nearest) return pixels[(int)Enumerable.Repeat(scale, i).Aggregate(scale * 0.5, (at, step) => at + step)];
        var widening = Math.Max(1, scale);
        var support = filter switch { Filter.Box => 0.5, Filter.Bicubic => 2, Filter.Lanczos => 3, _ => 1 } * widening;
        var center = (i + 0.5) * scale;
        var taps = Enumerable.Range(0, pixels.Length).Where(x => x >= (int)(center - support + 0.5) && x < (int)(center + support + 0.5)).ToArray();
        var weights = taps.Select(x => Weight(filter, (x - center + 0.5) / widening)).ToArray();
        var fixedPoint = weights.Select(w => (long)Math.Round(w / weights.Sum() * (1 << 22), MidpointRounding.AwayFromZero)).ToArray();
        return Enumerable.Range(0, 3).Select(c => (byte)Math.Clamp(taps.Zip(fixedPoint, (x, w) => pixels[x][c] * w).Sum() + (1 << 21) >> 22, 0, 255)).ToArray();
    })];

    private static double Weight(Filter filter, double x)
    {
        var d = Math.Abs(x);
        return filter switch
        {
            Filter.Box => x > -0.5 && x <= 0.5 ? 1 : 0,
            Filter.Bilinear => Math.Max(0, 1 - d),
            Filter.Hamming => d >= 1 ? 0 : Sinc(d) * (0.54f + 0.46f * Math.Cos(Math.PI * d)),
            Filter.Lanczos => d >= 3 ? 0 : Sinc(d) * Sinc(d / 3),
            _ => d < 1 ? 1.5 * d * d * d - 2.5 * d * d + 1 : d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0,
        };

        static double Sinc(double a) => a == 0 ? 1 : Math.Sin(Math.PI * a) / (Math.PI * a);
    }
}
