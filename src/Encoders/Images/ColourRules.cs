using NetVips;

namespace LmmRec.Encoders.Images;

/// <summary>
/// What becomes of pictures that are not 8-bit RGB. Each rule is Pillow's <c>convert("RGB")</c> but the one for 16 bits:
/// <list type="bullet">
/// <item>alpha: dropped, not composited; the colour that lies under it stays</item>
/// <item>palette: looked up, also where it is transparent (<see cref="GifFrame"/>)</item>
/// <item>greyscale and black-and-white: the value three times</item>
/// <item>CMYK: each ink c with black k gives (255 − k)(255 − c) / 255, without colour management</item>
/// <item>16 bits per channel: the high byte (Pillow does so for colour, but clips 16-bit greyscale at 255)</item>
/// <item>embedded colour profiles: not applied</item>
/// </list>
/// </summary>
internal static class ColourRules
{
    // Each step of libvips' pipeline costs time, so the usual picture takes none: both rules give a picture itself where it is so already.

    /// <summary><paramref name="image"/> with 8 bits a channel. Decodes nothing yet.</summary>
    public static Image EightBits(Image image) => image.Format == Enums.BandFormat.Uchar ? image : image.Cast(Enums.BandFormat.Uchar, shift: true);

    /// <summary><paramref name="image"/> with three channels, or four if they are inks. Decodes nothing yet.</summary>
    public static Image ThreeChannelsOrInks(Image image)
    {
        if (image.Interpretation == Enums.Interpretation.Cmyk) return image.ExtractBand(0, n: 4);
        if (image.Bands == 3) return image;
        if (image.Bands > 3) return image.ExtractBand(0, n: 3);
        using var grey = image.ExtractBand(0);
        return grey.Bandjoin(grey, grey);
    }

    /// <summary>Mixes inks [… × 4] to light <paramref name="rgb"/> [… × 3].</summary>
    public static void AbsorbLight(ReadOnlySpan<byte> inks, Span<byte> rgb)
    {
        for (int source = 0, target = 0; target < rgb.Length; source += 4)
        {
            var light = 255 - inks[source + 3];
            for (var channel = 0; channel < 3; channel++)
            {
                var absorbed = inks[source + channel] * light + 128;
                absorbed = (absorbed + (absorbed >> 8)) >> 8; // division by 255, rounded
                rgb[target++] = (byte)Math.Max(0, light - absorbed);
            }
        }
    }
}
