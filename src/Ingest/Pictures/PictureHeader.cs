using LmmRec.Encoders.Images;

namespace LmmRec.Ingest.Pictures;

/// <summary>Looks at a picture's header without decoding it: what no encoder would open is no picture here either.</summary>
internal static class PictureHeader
{
    private const int SmallestSide = 10; // smaller ones are placeholders (docs/data.md#pictures)

    /// <summary>Width and height in pixels of a JPEG, PNG, WebP or GIF file.</summary>
    /// <returns>False and why, for anything else.</returns>
    public static bool TryRead(byte[] bytes, out int width, out int height, out string? fault)
    {
        var read = ImageDecoder.TryReadSize(bytes, out var size, out fault);
        (width, height) = size;
        if (read && Math.Min(width, height) < SmallestSide) fault = $"is too small: {width} × {height} pixels; at least {SmallestSide} a side are needed";
        return fault is null;
    }
}
