using LmmRec.Artifacts;

namespace LmmRec.Encoders.Images;

/// <summary>The rows of a rectangle of a picture, as they would be of a file that holds it alone.</summary>
/// <param name="picture">the whole</param>
/// <param name="left">first column</param>
/// <param name="top">first row</param>
/// <param name="width">columns</param>
/// <param name="height">rows</param>
internal sealed class CroppedRows(IPixelRows picture, int left, int top, int width, int height) : IPixelRows
{
    private const int Channels = 3, Tries = 10;
    private const double LeastArea = 0.5, WidestAspect = 4 / 3.0;

    private byte[] _rows = [];

    public int Width => width;

    public int Height => height;

    /// <summary>
    /// Draws a rectangle of half of the area to all of it, uniformly, whose aspect ratio is 3 : 4 to 4 : 3, log-uniformly. Where ten draws do not fit into
    /// a long picture: the largest rectangle around its centre that has such an aspect.
    /// </summary>
    public static CroppedRows Draw(IPixelRows picture, SeededRandom random)
    {
        for (var i = 0; i < Tries; i++)
        {
            var area = (LeastArea + (1 - LeastArea) * random.NextDouble()) * picture.Width * picture.Height;
            var aspect = Math.Pow(WidestAspect, 2 * random.NextDouble() - 1);
            var (width, height) = ((int)Math.Round(Math.Sqrt(area * aspect)), (int)Math.Round(Math.Sqrt(area / aspect)));
            if (width >= 1 && height >= 1 && width <= picture.Width && height <= picture.Height)
                return new CroppedRows(picture, random.NextInt32(picture.Width - width + 1), random.NextInt32(picture.Height - height + 1), width, height);
        }
        var (widest, highest) = (Math.Min(picture.Width, (int)Math.Ceiling(picture.Height * WidestAspect)), Math.Min(picture.Height, (int)Math.Ceiling(picture.Width * WidestAspect)));
        return new CroppedRows(picture, (picture.Width - widest) / 2, (picture.Height - highest) / 2, widest, highest);
    }

    public ReadOnlySpan<byte> Rows(int first, int count)
    {
        var whole = picture.Rows(top + first, count);
        Array.Resize(ref _rows, Math.Max(_rows.Length, count * width * Channels));
        for (var row = 0; row < count; row++)
            whole.Slice((row * picture.Width + left) * Channels, width * Channels).CopyTo(_rows.AsSpan(row * width * Channels));
        return _rows.AsSpan(0, count * width * Channels);
    }
}
