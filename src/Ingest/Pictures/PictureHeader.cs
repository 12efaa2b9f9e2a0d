using NetVips;

namespace LmmRec.Ingest.Pictures;

/// <summary>Looks at a picture's header without decoding it.</summary>
internal static class PictureHeader
{
    // Smaller ones are placeholders (spec 3.7); larger ones are not shop pictures, and decoding them would take gigabytes.
    private const int SmallestSide = 10;
    private const long MostPixels = 50_000_000;

    // libvips would keep the last hundred files in memory, for operations that are never repeated here.
    static PictureHeader() => Cache.Max = 0;

    /// <summary>Width and height in pixels of a JPEG, PNG, WebP or GIF file.</summary>
    /// <returns>False and why, for anything else.</returns>
    public static bool TryRead(byte[] bytes, out int width, out int height, out string? fault)
    {
        (width, height) = (0, 0);
        if (LoaderOf(bytes) is not { } load)
        {
            fault = "is no JPEG, PNG, WebP or GIF";
            return false;
        }
        try
        {
            using var image = load(bytes);
            (width, height) = (image.Width, image.Height);
        }
        catch (VipsException e)
        {
            fault = $"its header cannot be read: {e.Message.ReplaceLineEndings(" ").Trim()}";
            return false;
        }
        fault = Math.Min(width, height) < SmallestSide ? $"is {width} × {height} pixels; at least {SmallestSide} a side are needed"
            : (long)width * height > MostPixels ? $"is {width} × {height} pixels; at most {MostPixels} are allowed"
            : null;
        return fault is null;
    }

    // Chosen by signature, so that foreign bytes never reach a loader for SVG, PDF or the like. A JPEG that ends within its header is a fault
    // either way; without failOn libvips would print a warning as well.
    private static Func<byte[], Image>? LoaderOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF]) ? b => Image.JpegloadBuffer(b, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated)
        : bytes.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']) ? b => Image.PngloadBuffer(b, access: Enums.Access.Sequential)
        : bytes.StartsWith("GIF8"u8) ? b => Image.GifloadBuffer(b, access: Enums.Access.Sequential)
        : bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? b => Image.WebploadBuffer(b, access: Enums.Access.Sequential)
        : null;
}
