using NetVips;

namespace LmmRec.Encoders.Images;

/// <summary>
/// What becomes of pictures that are not 8-bit RGB. Each rule is Pillow's <c>convert("RGB")</c> but the one for 16 bits:
/// <list type="bullet">
/// <item>alpha: dropped, not composited; the colour that lies under it stays</item>
/// <item>palette: looked up</item>
/// <item>greyscale and black-and-white: the value three times</item>
/// <item>CMYK: each ink c with black k gives (255 − k)(255 − c) / 255, without colour management</item>
/// <item>16 bits per channel: the high byte (Pillow does so for colour, but clips 16-bit greyscale at 255)</item>
/// <item>embedded colour profiles: not applied</item>
/// </list>
/// </summary>
internal static class ColourRules
{
    /// <summary>Reads all pixels of <paramref name="image"/> as 8-bit RGB.</summary>
    /// <exception cref="VipsException">The pixels cannot be decoded.</exception>
    public static RgbImage ToRgb(Image image)
    {
        // Each step of libvips' pipeline costs time, so the usual picture takes none.
        using var eightBit = image.Format == Enums.BandFormat.Uchar ? null : image.Cast(Enums.BandFormat.Uchar, shift: true);
        var bytes = eightBit ?? image;
        if (image.Interpretation == Enums.Interpretation.Cmyk) return FromCmyk(bytes);
        using var grey = bytes.Bands < 3 ? bytes.ExtractBand(0) : null;
        using var colour = grey is not null ? grey.Bandjoin(grey, grey) : bytes.Bands > 3 ? bytes.ExtractBand(0, n: 3) : null;
        var rgb = colour ?? bytes;
        var picture = RgbImage.Borrow(rgb.Width, rgb.Height);
        try
        {
            CopyPixels(rgb, picture.Pixels);
            return picture;
        }
        catch
        {
            picture.Dispose();
            throw;
        }
    }

    private static unsafe void CopyPixels(Image image, byte[] target)
    {
        var memory = image.WriteToMemory(out var size);
        try
        {
            new ReadOnlySpan<byte>((void*)memory, checked((int)size)).CopyTo(target);
        }
        finally
        {
            NetVips.NetVips.Free(memory);
        }
    }

    private static RgbImage FromCmyk(Image image)
    {
        using var inks = image.ExtractBand(0, n: 4);
        var cmyk = inks.WriteToMemory<byte>();
        var rgb = new byte[inks.Width * inks.Height * 3];
        for (int source = 0, target = 0; target < rgb.Length; source += 4)
        {
            var light = 255 - cmyk[source + 3];
            for (var channel = 0; channel < 3; channel++)
            {
                var absorbed = cmyk[source + channel] * light + 128;
                absorbed = (absorbed + (absorbed >> 8)) >> 8; // division by 255, rounded
                rgb[target++] = (byte)Math.Max(0, light - absorbed);
            }
        }
        return new RgbImage(inks.Width, inks.Height, rgb);
    }
}
