using System.Diagnostics.CodeAnalysis;
using NetVips;

namespace LmmRec.Encoders.Images;

/// <summary>
/// Decodes foreign pictures. The first bytes choose one of four raster loaders (JPEG, PNG, WebP, GIF), so no other loader of libvips is ever
/// given foreign bytes; the header is read and the number of pixels bounded before anything is decoded; a truncated file is refused.
/// </summary>
public static class ImageDecoder
{
    /// <summary>The most pixels that are decoded: 150 MB as RGB. Pictures of shops have fewer than 25 million.</summary>
    public const long MaxPixels = 50_000_000;

    /// <summary>The longest side that is decoded: the most that JPEG can say.</summary>
    public const int MaxSide = 65_535;

    /// <summary>How the reason begins where a picture has more pixels than that.</summary>
    public const string TooLarge = "is too large";

    private const Enums.Access Access = Enums.Access.Sequential;
    private const Enums.FailOn FailOn = Enums.FailOn.Truncated;

    static ImageDecoder()
    {
        // Pictures are decoded in parallel by our own workers; threads and a cache inside libvips would only cost memory.
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        // What is wrong with a file is in the exception; libvips would also print it.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, (_, _, _) => { });
    }

    /// <summary>Decodes <paramref name="file"/> by the rules of <see cref="ColourRules"/>; of an animation, the first frame.</summary>
    /// <param name="file">the bytes of a JPEG, PNG, WebP or GIF file</param>
    /// <param name="applyOrientation">whether the EXIF orientation turns the picture; the reference pipelines leave it as stored</param>
    /// <param name="read">what is made of the rows</param>
    /// <param name="result">what <paramref name="read"/> gives, where the result is true</param>
    /// <param name="reason">why there is nothing, where the result is false</param>
    public static bool TryDecode<T>(
        byte[] file, bool applyOrientation, Func<IPixelRows, T> read, [NotNullWhen(true)] out T? result, [NotNullWhen(false)] out string? reason) where T : class
    {
        result = null;
        try
        {
            if (!TryOpen(file, out var opened, out reason)) return false;
            using var stored = opened;
            using var bytes = ColourRules.EightBits(stored);
            using var coloured = ColourRules.ThreeChannelsOrInks(bytes);
            using var turned = applyOrientation && IsTurned(stored) ? Turned(coloured) : coloured;
            using var rows = new DecodedRows(turned);
            result = read(rows);
            rows.Finish();
            return true;
        }
        catch (VipsException e)
        {
            result = null;
            reason = $"cannot be decoded: {FirstLine(e)}";
            return false;
        }
    }

    /// <summary>Reads the size of a picture from its header; nothing is decoded.</summary>
    /// <param name="file">the bytes of a JPEG, PNG, WebP or GIF file</param>
    /// <param name="size">pixels, where the result is true</param>
    /// <param name="reason">why there is none, where the result is false</param>
    public static bool TryReadSize(byte[] file, out (int Width, int Height) size, [NotNullWhen(false)] out string? reason)
    {
        size = default;
        try
        {
            if (!TryOpen(file, out var opened, out reason)) return false;
            using var image = opened;
            size = (image.Width, image.Height);
            return true;
        }
        catch (VipsException e)
        {
            reason = $"its header cannot be read: {FirstLine(e)}";
            return false;
        }
    }

    // Reads the header only.
    private static bool TryOpen(byte[] file, [NotNullWhen(true)] out Image? image, [NotNullWhen(false)] out string? reason)
    {
        image = null;
        if (LoaderOf(file) is not var (load, check))
        {
            reason = file.Length == 0 ? "the file is empty" : "is no JPEG, PNG, WebP or GIF file (by its first bytes)";
            return false;
        }
        reason = check(file);
        if (reason is not null) return false;
        var opened = load(file);
        reason = Refusal(opened);
        if (reason is null)
        {
            image = opened;
            return true;
        }
        opened.Dispose();
        return false;
    }

    private static Image OpenGif(byte[] file)
    {
        if (GifFrame.Of(file) is not { } frame) return Image.GifloadBuffer(file, access: Access, failOn: FailOn);
        using var alone = Image.GifloadBuffer(frame.File, access: Access, failOn: FailOn);
        using var colours = ColourRules.ThreeChannelsOrInks(alone);
        return colours.Embed(frame.Left, frame.Top, frame.Width, frame.Height, Enums.Extend.Background, frame.Free);
    }

    private static (Func<byte[], Image> Load, Func<byte[], string?> Check)? LoaderOf(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith<byte>([0xFF, 0xD8, 0xFF])) return (bytes => Image.JpegloadBuffer(bytes, access: Access, failOn: FailOn), bytes => FileChecks.FaultOfJpeg(bytes));
        if (file.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G'])) return (bytes => Image.PngloadBuffer(bytes, access: Access, failOn: FailOn), bytes => FileChecks.FaultOfPng(bytes));
        if (file.StartsWith("GIF8"u8)) return (OpenGif, _ => null);
        if (file.Length > 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8)) return (bytes => Image.WebploadBuffer(bytes, access: Access, failOn: FailOn), _ => null);
        return null;
    }

    private static string? Refusal(Image image) => (long)image.Width * image.Height > MaxPixels || Math.Max(image.Width, image.Height) > MaxSide
        ? $"{TooLarge}: {image.Width} × {image.Height} pixels; at most {MaxPixels} are decoded, and {MaxSide} a side"
        : null;

    private static bool IsTurned(Image image) => image.Contains("orientation") && image.Get("orientation") is > 1;

    // A turned picture is read in another order than it is stored, so it is in memory as a whole, as RGB or inks.
    private static Image Turned(Image image)
    {
        using var memory = image.CopyMemory();
        return memory.Autorot();
    }

    private static string FirstLine(VipsException e) => e.Message.Split('\n', 2)[0].Trim();
}
