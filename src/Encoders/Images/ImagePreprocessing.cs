using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Encoders.Images;

/// <summary>How a picture is brought to the size of an encoder's input.</summary>
public enum ResizeRule
{
    /// <summary>The shorter side becomes <see cref="ImagePreprocessing.ResizeTo"/>, the longer one keeps the aspect ratio, then the centre is cut out.</summary>
    ShorterSide,

    /// <summary>Both sides become <see cref="ImagePreprocessing.ResizeTo"/>, whatever the aspect ratio; then the centre is cut out.</summary>
    Stretch,
}

/// <summary>What an encoder wants done to a picture (docs/encoders.md): resize, cut out the centre, scale to 0 … 1, normalise per channel.</summary>
public sealed record ImagePreprocessing : IChecked
{
    /// <summary>How the picture is resized.</summary>
    public ResizeRule Resize { get; init; } = ResizeRule.ShorterSide;

    /// <summary>Pixels of the side(s) after resizing.</summary>
    [Range(8, 4096)]
    public int ResizeTo { get; init; } = 224;

    /// <summary>Side in pixels of the centre that is cut out: the encoder's input.</summary>
    [Range(8, 4096)]
    public int Crop { get; init; } = 224;

    /// <summary>The interpolation kernel.</summary>
    public Filter Filter { get; init; } = Filter.Bicubic;

    /// <summary>Subtracted per channel (R, G, B), of values in 0 … 1.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>Divided by per channel after <see cref="Mean"/>.</summary>
    public IReadOnlyList<double> Std { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>Whether the EXIF orientation turns the picture first. The reference pipelines leave it as stored.</summary>
    public bool ApplyOrientation { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Crop > ResizeTo) yield return ("crop", $"{Crop} is larger than resizeTo {ResizeTo}");
        if (Mean.Count != 3) yield return ("mean", $"has {Mean.Count} values; allowed 3 (R, G, B)");
        if (Std.Count != 3 || Std.Any(s => s <= 0)) yield return ("std", "needs 3 values above 0 (R, G, B)");
    }

    /// <summary>Resizes and crops <paramref name="image"/> to <see cref="Crop"/> × <see cref="Crop"/>, equal to Pillow's result.</summary>
    public RgbImage ResizeAndCrop(IPixelRows image)
    {
        var (width, height) = (ResizeTo, ResizeTo);
        if (Resize == ResizeRule.ShorterSide)
        {
            if (image.Width <= image.Height) height = (int)((long)ResizeTo * image.Height / image.Width);
            else width = (int)((long)ResizeTo * image.Width / image.Height);
        }
        return Resampler.Resize(image, width, height, Offset(width), Offset(height), Crop, Crop, Filter);
    }

    /// <summary>Writes the normalised pixels of a <see cref="Crop"/> × <see cref="Crop"/> picture to <paramref name="target"/> [3 × crop × crop].</summary>
    public void Normalise(RgbImage image, Span<float> target)
    {
        var plane = image.Width * image.Height;
        Span<float> table = stackalloc float[256];
        for (var channel = 0; channel < 3; channel++)
        {
            var (mean, std) = ((float)Mean[channel], (float)Std[channel]);
            for (var v = 0; v < table.Length; v++) table[v] = (v / 255f - mean) / std;
            var values = target.Slice(channel * plane, plane);
            for (var i = 0; i < values.Length; i++) values[i] = table[image.Pixels[i * 3 + channel]];
        }
    }

    // Python's round(): half to even.
    private int Offset(int size) => (int)Math.Round((size - Crop) / 2.0, MidpointRounding.ToEven);
}
