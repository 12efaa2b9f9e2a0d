using NetVips;

namespace LmmRec.Encoders.Images;

/// <summary>A small square of a picture, to be looked at and not to be encoded.</summary>
public static class Thumbnail
{
    private const int Quality = 70;

    /// <summary>The middle of a picture as a JPEG file without metadata; null where the picture cannot be decoded.</summary>
    /// <param name="file">the bytes of a JPEG, PNG, WebP or GIF file</param>
    /// <param name="side">pixels of either side, 8 to 4096</param>
    public static byte[]? Of(byte[] file, int side)
    {
        var square = new ImagePreprocessing { ResizeTo = [side], Crop = [side] };
        if (!ImageDecoder.TryDecode(file, applyOrientation: true, square.ResizeAndCrop, out var picture, out _)) return null;
        using var image = Image.NewFromMemory(picture.Pixels, side, side, bands: 3, Enums.BandFormat.Uchar);
        return image.JpegsaveBuffer(q: Quality, keep: Enums.ForeignKeep.None);
    }
}
