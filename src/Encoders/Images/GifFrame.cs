using System.Buffers.Binary;

namespace LmmRec.Encoders.Images;

/// <summary>
/// The first frame of a GIF as a file of its own, which has nothing but colours: no transparency, no second frame, all 256 entries of the palette.
/// libvips makes transparent pixels black, and so what a frame leaves free; Pillow keeps the colour that the palette has for them.
/// </summary>
/// <param name="File">the frame alone</param>
/// <param name="Left">where the frame lies in the picture, in pixels</param>
/// <param name="Top">where the frame lies in the picture, in pixels</param>
/// <param name="Width">of the picture, in pixels</param>
/// <param name="Height">of the picture, in pixels</param>
/// <param name="Free">R, G, B of what the frame leaves free: the transparent colour, else the first</param>
internal sealed record GifFrame(byte[] File, int Left, int Top, int Width, int Height, double[] Free)
{
    private const int Screen = 13, Descriptor = 10; // bytes of the header, and of what stands before a frame's data
    private const byte Extension = 0x21, Control = 0xF9, Frame = 0x2C, Trailer = 0x3B;
    private const byte HasPalette = 0x80, PaletteBits = 7, Interlaced = 0x40;

    /// <summary>Null where <paramref name="file"/> holds no whole frame: libvips says what is wrong with it.</summary>
    public static GifFrame? Of(ReadOnlySpan<byte> file)
    {
        if (file.Length < Screen || PaletteAt(file, Screen, file[10]) is not { } at) return null;
        var palette = Grey();
        file[Screen..at].CopyTo(palette);
        byte transparent = 0;
        while (at + Descriptor < file.Length && file[at] != Trailer)
        {
            if (file[at] == Frame) return Alone(file, at, palette, transparent);
            if (file[at] == Extension)
            {
                if (file[at + 1] == Control && (file[at + 3] & 1) != 0) transparent = file[at + 6];
                if (EndOfBlocks(file, at + 2) is not { } end) return null;
                at = end;
            }
            else at++; // Pillow passes over what it does not know
        }
        return null;
    }

    private static GifFrame? Alone(ReadOnlySpan<byte> file, int descriptor, byte[] palette, byte free)
    {
        int Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
        var (left, top, width, height) = (Number(file, descriptor + 1), Number(file, descriptor + 3), Number(file, descriptor + 5), Number(file, descriptor + 7));
        // Behind its palette stand the size of the first codes and the data.
        if (width == 0 || height == 0 || PaletteAt(file, descriptor + Descriptor, file[descriptor + 9]) is not { } data || EndOfBlocks(file, data + 1) is not { } end) return null;
        var own = file[(descriptor + Descriptor)..data];
        if (own.Length > 0) palette = [.. own, .. Grey()[own.Length..]];
        var size = file.Slice(descriptor + 5, 4);
        byte[] alone =
        [
            .. "GIF89a"u8, .. size, HasPalette | PaletteBits, 0, 0, .. palette,
            Frame, 0, 0, 0, 0, .. size, (byte)(file[descriptor + 9] & Interlaced), .. file[data..end], Trailer,
        ];
        return new GifFrame(alone, left, top, Math.Max(Number(file, 6), left + width), Math.Max(Number(file, 8), top + height), [palette[3 * free], palette[3 * free + 1], palette[3 * free + 2]]);
    }

    // What an entry is that a palette lacks.
    private static byte[] Grey() => [.. Enumerable.Range(0, 3 * 256).Select(i => (byte)(i / 3))];

    // Where a palette ends that would begin here; null where the file ends before.
    private static int? PaletteAt(ReadOnlySpan<byte> file, int at, byte flags)
    {
        if ((flags & HasPalette) != 0) at += 3 * (2 << (flags & PaletteBits));
        return at < file.Length ? at : null;
    }

    private static int? EndOfBlocks(ReadOnlySpan<byte> file, int at)
    {
        while (at < file.Length && file[at] != 0) at += 1 + file[at];
        return at < file.Length ? at + 1 : null;
    }
}
