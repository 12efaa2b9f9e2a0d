using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Tests.Images;

[Trait("Category", "Fixtures")]
public sealed class PillowFixtureTests
{
    private static readonly (string Name, ImagePreprocessing Rule)[] Policies =
    [
        ("clip", new ImagePreprocessing()),
        ("vlmo", new ImagePreprocessing { Resize = ResizeRule.Stretch }),
        ("imagenet", new ImagePreprocessing { ResizeTo = [256], Filter = Filter.Bilinear }),
    ];

    [Fact]
    public void Every_picture_is_resized_and_cropped_as_Pillow_does()
    {
        var inputs = Directory.GetFiles(Beside.Fixture("text-and-images/input"));
        Assert.NotEmpty(inputs);
        foreach (var input in inputs)
            foreach (var (name, rule) in Policies)
            {
                var expected = Pictures.Decode(File.ReadAllBytes(Beside.Fixture($"text-and-images/{Path.GetFileNameWithoutExtension(input)}.{name}.png")));
                var actual = rule.ResizeAndCrop(Pictures.RowsOf(Pictures.Decode(File.ReadAllBytes(input))));
                Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
                var difference = expected.Pixels.Zip(actual.Pixels, (e, a) => Math.Abs(e - a)).Max();
                Assert.True(difference <= (Path.GetExtension(input) == ".jpg" ? 1 : 0), $"{input} {name}: differs by {difference} of 255");
            }
    }
}
