using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Tests.Images;

/// <summary>Expected values are what Pillow 9.4 makes of the same picture (docs/encoders.md#augmentation).</summary>
public sealed class AugmentationTests
{
    private const float Factor = 1.36f;

    private static readonly RgbImage Small = Drawn(6, 5, (x, y, c) => (x * 37 + y * 59 + c * 83 + x * y * 7) % 200 + 20);

    public static TheoryData<string, int[][]> OfPillow => new()
    {
        { "contrast", [[108, 157, 206, 255, 39, 88], [186, 244, 38, 96, 154, 212], [0, 67, 134, 202, 5, 72], [77, 154, 231, 43, 120, 196], [155, 241, 63, 149, 235, 56]] },
        { "brightness", [[140, 190, 240, 255, 69, 119], [220, 255, 68, 127, 187, 247], [28, 97, 167, 236, 34, 103], [108, 187, 255, 73, 152, 231], [189, 255, 93, 182, 255, 87]] },
        { "sharpness", [[103, 140, 177, 214, 51, 88], [162, 228, 27, 88, 143, 182], [21, 60, 123, 190, 2, 76], [80, 143, 212, 37, 112, 170], [139, 204, 69, 134, 199, 64]] },
        { "shear-x", [[106, 143, 180, 196, 54, 88], [175, 156, 63, 107, 151, 182], [47, 98, 149, 95, 51, 128], [122, 180, 91, 96, 154, 128], [200, 76, 130, 195, 71, 128]] },
        { "shear-y", [[103, 140, 128, 128, 128, 128], [155, 185, 116, 182, 55, 88], [35, 114, 84, 115, 131, 167], [73, 117, 157, 142, 29, 92], [132, 183, 135, 75, 116, 155]] },
        { "translate-x", [[109, 146, 183, 183, 57, 88], [170, 176, 58, 102, 146, 182], [30, 81, 132, 146, 34, 76], [90, 148, 169, 64, 122, 170], [151, 178, 81, 146, 173, 64]] },
        { "translate-y", [[103, 140, 177, 214, 51, 88], [152, 195, 69, 112, 124, 167], [43, 92, 111, 161, 42, 92], [70, 127, 184, 72, 98, 155], [129, 193, 88, 121, 185, 80]] },
        { "rotate", [[128, 170, 204, 109, 135, 128], [133, 145, 81, 112, 82, 79], [154, 138, 111, 151, 75, 150], [23, 84, 159, 109, 124, 135], [128, 122, 159, 85, 145, 128]] },
        { "flip", [[88, 51, 214, 177, 140, 103], [182, 138, 94, 50, 206, 162], [76, 25, 174, 123, 72, 21], [170, 112, 54, 196, 138, 80], [64, 199, 134, 69, 204, 139]] },
    };

    [Theory]
    [MemberData(nameof(OfPillow))]
    public void An_operation_gives_pillows_values(string operation, int[][] green)
    {
        var result = operation switch
        {
            "contrast" => PictureChanges.StretchContrast(Small),
            "brightness" => PictureChanges.Brighten(Small, Factor),
            "sharpness" => PictureChanges.Sharpen(Small, Factor),
            "shear-x" => AffineMap.ShearX(0.21).Apply(Small),
            "shear-y" => AffineMap.ShearY(-0.21).Apply(Small),
            "translate-x" => AffineMap.Translation(7 * 6 / 224.0, 0).Apply(Small),
            "translate-y" => AffineMap.Translation(0, -7 * 5 / 224.0).Apply(Small),
            "rotate" => AffineMap.Rotation(21, 6, 5).Apply(Small),
            _ => PictureChanges.Flip(Small),
        };
        Assert.Equal(green.SelectMany(row => row), Green(result));
    }

    [Fact]
    public void Equalising_gives_pillows_values_and_leaves_too_few_pixels_as_they_are()
    {
        var picture = Drawn(20, 16, (x, y, c) => (x * 37 + y * 59 + c * 83 + x * y * 7) % 50 + (x > 8 ? 90 : 0));
        Assert.Equal([33, 61, 83, 103, 123, 0, 26, 56, 76, 255, 255, 255, 160, 183, 227, 254, 255, 255, 155, 179], Green(PictureChanges.Equalize(picture)).Skip(60).Take(20));
        Assert.Equal(Small.Pixels, PictureChanges.Equalize(Small).Pixels);
    }

    [Fact]
    public void A_part_is_resized_as_if_it_were_the_whole_picture()
    {
        var part = new CroppedRows(Pictures.RowsOf(Small), 1, 1, 4, 4);
        Assert.Equal([140, 89, 113, 118, 145, 72, 170, 100, 164], Green(Resampler.Resize(part, 3, 3, 0, 0, 3, 3, Filter.Bicubic)));
    }

    [Fact]
    public void A_drawn_part_lies_in_the_picture_and_has_the_area_and_aspect_that_are_promised() =>
        Gen.Select(Gen.Int[20, 400], Gen.Int[20, 400], Gen.Long).Where((width, height, _) => width < 1.7 * height && height < 1.7 * width).Sample((width, height, seed) =>
        {
            // Rows count from the top and columns from the left: what is asked for lies inside, or Rows would fail.
            var part = CroppedRows.Draw(Pictures.RowsOf(new RgbImage(width, height, new byte[width * height * 3])), new SeededRandom(seed));
            Assert.Equal(part.Width * part.Height * 3, part.Rows(0, part.Height).Length);
            Assert.InRange(part.Width * part.Height / (double)(width * height), 0.45, 1.0); // sides are whole pixels
            Assert.InRange(part.Width / (double)part.Height, 0.7, 1.43);
        });

    [Theory]
    [InlineData(400, 10, 14, 10)]
    [InlineData(10, 400, 10, 14)]
    [InlineData(1, 1, 1, 1)]
    public void Of_a_picture_that_is_too_long_the_middle_is_taken(int width, int height, int expectedWidth, int expectedHeight)
    {
        var part = CroppedRows.Draw(Pictures.RowsOf(Pictures.Draw(width, height)), new SeededRandom(1));
        Assert.Equal((expectedWidth, expectedHeight), (part.Width, part.Height));
    }

    [Fact]
    public void The_generator_alone_decides_what_becomes_of_a_picture()
    {
        var picture = Pictures.Draw(50, 40);
        var results = Enumerable.Range(0, 40).Select(seed => Apply(picture, seed)).ToList();
        Assert.Equal(results, Enumerable.Range(0, 40).Select(seed => Apply(picture, seed)));
        Assert.Equal(40, results.Distinct().Count());

        static string Apply(RgbImage picture, int seed) => Convert.ToHexString(Augmentation.Apply(Pictures.RowsOf(picture), 24, 32, new SeededRandom(seed)).Pixels);
    }

    [Fact]
    public void Pictures_of_every_size_come_out_in_the_size_of_the_input() => Gen.Select(Gen.Int[1, 90], Gen.Int[1, 90], Gen.Long).Sample((width, height, seed) =>
    {
        var result = Augmentation.Apply(Pictures.RowsOf(Pictures.Draw(width, height)), 24, 32, new SeededRandom(seed));
        Assert.Equal((32, 24, 32 * 24 * 3), (result.Width, result.Height, result.Pixels.Length));
    });

    [Fact]
    public void A_file_is_augmented_as_its_pixels_are()
    {
        var picture = Pictures.Draw(90, 70);
        Assert.True(ImageDecoder.TryDecode(Pictures.Png(picture), applyOrientation: false, rows => Augmentation.Apply(rows, 32, 32, new SeededRandom(5)), out var ofFile, out var reason), reason);
        Assert.Equal(Augmentation.Apply(Pictures.RowsOf(picture), 32, 32, new SeededRandom(5)).Pixels, ofFile.Pixels);
    }

    private static IEnumerable<int> Green(RgbImage picture) => picture.Pixels.Where((_, i) => i % 3 == 1).Select(v => (int)v);

    private static RgbImage Drawn(int width, int height, Func<int, int, int, int> value) => new(
        width, height, [.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) from c in Enumerable.Range(0, 3) select (byte)value(x, y, c)]);
}
