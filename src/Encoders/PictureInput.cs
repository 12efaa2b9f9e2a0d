using System.Diagnostics.CodeAnalysis;
using LmmRec.Artifacts;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>What comes before a graph of pictures: they are decoded, resized, cut out and normalised, and become rows of its input. Thread-safe.</summary>
public sealed class PictureInput
{
    private readonly ImagePreprocessing _rule;
    private readonly Normalisation _normalisation;
    private readonly string _name;
    private readonly int[] _shape; // of a picture

    /// <param name="rule">what the card says</param>
    /// <param name="folder">the card's</param>
    /// <param name="name">of the graph's input</param>
    /// <param name="sizes">of the graph's input, −1 where any will do</param>
    /// <exception cref="InvalidInputException">The file of means per pixel is missing or damaged.</exception>
    internal PictureInput(ImagePreprocessing rule, string folder, string name, IReadOnlyList<int> sizes)
    {
        (_rule, _name, _shape) = (rule, name, rule.ShapeIn(sizes));
        _normalisation = new Normalisation(rule, Normalisation.ReadMeanImage(rule, folder), channelsLast: _shape is [.., 3]);
    }

    /// <summary>Of the input, in pixels.</summary>
    public int Height => _rule.Height;

    /// <summary>Of the input, in pixels.</summary>
    public int Width => _rule.Width;

    /// <summary>Numbers of a row: 3 · <see cref="Height"/> · <see cref="Width"/>.</summary>
    public int Size => 3 * Height * Width;

    /// <summary>A picture in the input: [3, H, W] or [H, W, 3].</summary>
    internal IReadOnlyList<int> Shape => _shape;

    /// <summary>Decodes, resizes and normalises a picture.</summary>
    /// <param name="file">the bytes of a JPEG, PNG, WebP or GIF file</param>
    /// <param name="row">[<see cref="Size"/>], which keeps what it holds where the result is false</param>
    /// <param name="reason">why the file cannot be decoded, where the result is false</param>
    /// <param name="augmentation">null: it is resized and cut out as the card says; else augmented by what this draws (docs/encoders.md#augmentation)</param>
    public bool TryWrite(byte[] file, Span<float> row, [NotNullWhen(false)] out string? reason, SeededRandom? augmentation = null)
    {
        Func<IPixelRows, RgbImage> read = augmentation is null ? _rule.ResizeAndCrop : rows => Augmentation.Apply(rows, Height, Width, augmentation);
        if (!ImageDecoder.TryDecode(file, _rule.ApplyOrientation, read, out var picture, out reason)) return false;
        Write(picture, row);
        return true;
    }

    /// <summary>Normalises a picture of <see cref="Height"/> × <see cref="Width"/> pixels.</summary>
    /// <param name="picture">the picture, in its final size</param>
    /// <param name="row">[<see cref="Size"/>]</param>
    public void Write(RgbImage picture, Span<float> row)
    {
        if (picture.Height != Height || picture.Width != Width)
            throw new ArgumentException($"the picture has {picture.Height} × {picture.Width} pixels; the input takes {Height} × {Width}", nameof(picture));
        _normalisation.Write(picture, row);
    }

    /// <summary>What the graph is fed for some pictures.</summary>
    /// <param name="rows">of each, [<see cref="Size"/>]</param>
    public Batch Feed(IReadOnlyList<float[]> rows) => Feed([.. rows.SelectMany(row => row)]);

    /// <inheritdoc cref="Feed(IReadOnlyList{float[]})"/>
    /// <param name="pixels">[rows × <see cref="Size"/>]</param>
    public Batch Feed(float[] pixels) => new() { [_name] = TensorData.Of(pixels, [pixels.Length / Size, .. _shape]) };
}
