using LmmRec.Artifacts;

namespace LmmRec.Encoders.Images;

/// <summary>
/// What training does to a picture (docs/encoders.md#augmentation): a part of it is cut out and brought to the input's size, flipped every other time, and
/// changed by two operations. What is drawn depends on the generator alone.
/// </summary>
public static class Augmentation
{
    private const int Operations = 2;
    private const double Magnitude = 0.7; // 7 of 10

    // Each gets the picture and a sign, drawn for all of them alike.
    private static readonly Func<RgbImage, int, RgbImage>[] All =
    [
        (picture, _) => picture,
        (picture, _) => PictureChanges.StretchContrast(picture),
        (picture, _) => PictureChanges.Equalize(picture),
        (picture, _) => PictureChanges.Brighten(picture, Enhancement),
        (picture, _) => PictureChanges.Sharpen(picture, Enhancement),
        (picture, sign) => AffineMap.ShearX(sign * Magnitude * 0.3).Apply(picture),
        (picture, sign) => AffineMap.ShearY(sign * Magnitude * 0.3).Apply(picture),
        (picture, sign) => AffineMap.Translation(sign * Shift(picture.Width), 0).Apply(picture),
        (picture, sign) => AffineMap.Translation(0, sign * Shift(picture.Height)).Apply(picture),
        (picture, sign) => AffineMap.Rotation(sign * Magnitude * 30, picture.Width, picture.Height).Apply(picture),
    ];

    private const float Enhancement = (float)(0.1 + 1.8 * Magnitude);

    /// <summary>Makes a picture of <paramref name="height"/> × <paramref name="width"/> pixels.</summary>
    public static RgbImage Apply(IPixelRows picture, int height, int width, SeededRandom random)
    {
        var part = CroppedRows.Draw(picture, random);
        var result = Resampler.Resize(part, width, height, 0, 0, width, height, Filter.Bicubic);
        if (random.NextInt32(2) == 1) result = PictureChanges.Flip(result);
        for (var i = 0; i < Operations; i++)
        {
            var operation = All[random.NextInt32(All.Length)];
            result = operation(result, 2 * random.NextInt32(2) - 1);
        }
        return result;
    }

    // 10 pixels of VLMo's input, whose sides have 224; 7 of them, and no part of one, are 7.
    private static double Shift(int side) => Magnitude * 10 * side / 224;
}
