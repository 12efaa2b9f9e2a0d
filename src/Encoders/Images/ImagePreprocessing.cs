using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;
using LmmRec.Encoders.Cards;

namespace LmmRec.Encoders.Images;

/// <summary>How a picture is brought to the size of an encoder's input.</summary>
public enum ResizeRule
{
    /// <summary>The shorter side becomes <see cref="ImagePreprocessing.ResizeTo"/>, the longer one keeps the aspect ratio, then the centre is cut out.</summary>
    ShorterSide,

    /// <summary>Both sides become <see cref="ImagePreprocessing.ResizeTo"/>, whatever the aspect ratio; then the centre is cut out.</summary>
    Stretch,

    /// <summary>The picture stays as large as it is; the centre is cut out, black where the picture does not reach.</summary>
    None,
}

/// <summary>Where the centre begins that is cut out, when as much cannot be left on both sides (docs/encoders.md#cropping).</summary>
public enum CropRounding
{
    /// <summary>Half to even, as torchvision does.</summary>
    Even,

    /// <summary>Down, as transformers does.</summary>
    Floor,
}

/// <summary>The order of an input's channels.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,
}

/// <summary>What an encoder wants done to a picture (docs/encoders.md#pictures): resize, cut out the centre, scale, normalise per channel.</summary>
public sealed record ImagePreprocessing : IChecked
{
    /// <summary>How the picture is resized.</summary>
    public ResizeRule Resize { get; init; }

    /// <summary>Pixels after resizing: of the shorter side or of both, or height and width of a picture that is stretched.</summary>
    [OneOrMore, MinLength(1), Range(8, 4096)]
    public IReadOnlyList<int> ResizeTo { get; init; } = [224];

    /// <summary>Pixels of the centre that is cut out, the encoder's input: the side of a square, or height and width.</summary>
    [OneOrMore, MinLength(1), Range(8, 4096)]
    public IReadOnlyList<int> Crop { get; init; } = [224];

    /// <summary>How the place of the centre is rounded.</summary>
    public CropRounding CropRounding { get; init; }

    /// <summary>The interpolation kernel.</summary>
    public Filter Filter { get; init; } = Filter.Bicubic;

    /// <summary>What the values 0 … 255 are multiplied by first.</summary>
    [Range(1e-9, 1e9)]
    public double Rescale { get; init; } = 1 / 255.0;

    /// <summary>Subtracted per channel (R, G, B) of rescaled values.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>Divided by per channel (R, G, B) after the mean.</summary>
    public IReadOnlyList<double> Std { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>
    /// A safetensors file beside the card with a <see cref="Normalisation.MeanTensor"/> for every pixel [3, height, width], in the input's order of
    /// channels, which is subtracted in place of <see cref="Mean"/>; null: none.
    /// </summary>
    public string? MeanImage { get; init; }

    /// <summary>Where an ONNX file can be had that holds the means per pixel, tried in turn; none where they come with the card.</summary>
    [OneOrMore]
    public IReadOnlyList<FileSource> MeanImageSource { get; init; } = [];

    /// <summary>The order of the input's channels.</summary>
    public ChannelOrder Channels { get; init; }

    /// <summary>Whether the EXIF orientation turns the picture first. The reference pipelines leave it as stored.</summary>
    public bool ApplyOrientation { get; init; }

    /// <summary>Height of the input in pixels.</summary>
    public int Height => Crop[0];

    /// <summary>Width of the input in pixels.</summary>
    public int Width => Crop[^1];

    /// <summary>A picture in an input of pictures: [3, height, width], or [height, width, 3] where the input has its channels last.</summary>
    /// <param name="sizes">the input's [B, …], negative where any will do</param>
    internal int[] ShapeIn(IReadOnlyList<int> sizes) => sizes is [_, not 3, _, 3] ? [Height, Width, 3] : [3, Height, Width];

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (ResizeTo.Count > 2) yield return ("resizeTo", $"has {ResizeTo.Count} values; allowed 1, or 2 (height, width)");
        if (Crop.Count > 2) yield return ("crop", $"has {Crop.Count} values; allowed 1 (a square) or 2 (height, width)");
        if (Resize == ResizeRule.ShorterSide && ResizeTo.Count == 2) yield return ("resizeTo", "has 2 values, but only one side is given with 'shorter-side'; allowed 1, or resize 'stretch'");
        if (Resize != ResizeRule.None && (Height > ResizeTo[0] || Width > ResizeTo[^1])) yield return ("crop", $"{Text(Crop)} is larger than resizeTo {Text(ResizeTo)}");
        if (Mean.Count != 3) yield return ("mean", $"has {Mean.Count} values; allowed 3 (R, G, B)");
        if (Std.Count != 3 || Std.Any(s => s <= 0)) yield return ("std", "needs 3 values above 0 (R, G, B)");
        if (MeanImage is null && MeanImageSource.Count > 0) yield return ("meanImageSource", "is not allowed without meanImage, the file that it becomes");
        if (MeanImage is null) yield break;
        if (!BareFileName.IsBelow(MeanImage)) yield return ("meanImage", $"'{MeanImage}' is not allowed; name a file in the card's folder");
        if (Mean.Any(m => m != 0)) yield return ("mean", "is not allowed beside meanImage; write [0, 0, 0]");
    }

    /// <summary>Why a transformer cannot cut the input into squares of <paramref name="patch"/> pixels; null where it can.</summary>
    internal string? FaultOfPatches(int patch) =>
        Height != Width ? $"needs square pictures, not {Height} × {Width} (image.crop)"
        : patch > 0 && Width % patch != 0 ? $"{patch} does not divide the picture's {Width} pixels (image.crop)"
        : null;

    /// <summary>Resizes and crops <paramref name="image"/> to <see cref="Height"/> × <see cref="Width"/>, equal to Pillow's result.</summary>
    public RgbImage ResizeAndCrop(IPixelRows image)
    {
        var (height, width) = Resize switch
        {
            ResizeRule.None => (image.Height, image.Width),
            ResizeRule.Stretch => (ResizeTo[0], ResizeTo[^1]),
            _ when image.Width <= image.Height => ((int)((long)ResizeTo[0] * image.Height / image.Width), ResizeTo[0]),
            _ => (ResizeTo[0], (int)((long)ResizeTo[0] * image.Width / image.Height)),
        };
        var (columns, rows) = (CropRange.Of(width, Width, CropRounding), CropRange.Of(height, Height, CropRounding));
        var cut = Resampler.Resize(image, width, height, columns.Start, rows.Start, columns.Count, rows.Count, Filter);
        return cut.Width == Width && cut.Height == Height ? cut : OnBlack(cut, columns.Before, rows.Before);
    }

    private RgbImage OnBlack(RgbImage image, int left, int top)
    {
        var pixels = new byte[Height * Width * 3];
        for (var y = 0; y < image.Height; y++)
            image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3).CopyTo(pixels.AsSpan(((top + y) * Width + left) * 3));
        return new RgbImage(Width, Height, pixels);
    }

    private static string Text(IReadOnlyList<int> sizes) => string.Join(" × ", sizes);
}
