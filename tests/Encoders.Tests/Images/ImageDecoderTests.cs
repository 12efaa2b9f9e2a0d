using System.Buffers.Binary;
using System.IO.Compression;
using LmmRec.Encoders.Images;
using NetVips;

namespace LmmRec.Encoders.Tests.Images;

public sealed class ImageDecoderTests
{
    private static readonly RgbImage Picture = Pictures.Draw(40, 30);

    [Fact]
    public void A_picture_without_loss_comes_back_as_it_was()
    {
        Assert.Equal(Picture.Pixels, Pictures.Decode(Pictures.Png(Picture)).Pixels);
        Assert.Equal(Picture.Pixels, Pictures.Decode(Pictures.With(Picture.Pixels, Picture, 3, image => image.WebpsaveBuffer(lossless: true))).Pixels);
    }

    [Fact]
    public void Alpha_is_dropped_and_not_composited()
    {
        var rgba = Picture.Pixels.Chunk(3).SelectMany((p, i) => p.Append((byte)(i % 256))).ToArray();
        Assert.Equal(Picture.Pixels, Pictures.Decode(Pictures.With(rgba, Picture, 4, image => image.PngsaveBuffer())).Pixels);
    }

    [Fact]
    public void Grey_is_repeated_for_each_channel()
    {
        var grey = Picture.Pixels.Chunk(3).Select(p => p[0]).ToArray();
        var expected = grey.SelectMany(g => new[] { g, g, g });
        Assert.Equal(expected, Pictures.Decode(Pictures.With(grey, Picture, 1, image => image.PngsaveBuffer())).Pixels);
    }

    [Fact]
    public void Sixteen_bits_keep_their_high_byte()
    {
        var values = Picture.Pixels.Select((v, i) => (ushort)(v << 8 | i % 256)).ToArray();
        using var image = Image.NewFromMemory(values, Picture.Width, Picture.Height, 3, Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Rgb16);
        Assert.Equal(Picture.Pixels, Pictures.Decode(image.PngsaveBuffer()).Pixels);
    }

    [Fact]
    public void Inks_absorb_light()
    {
        // Flat, so that JPEG loses nothing: no black and no cyan leave red at 255, full black leaves nothing.
        byte[] inks = [.. Enumerable.Repeat(new byte[] { 0, 255, 128, 0 }, 64 * 64).SelectMany(p => p)];
        var size = new RgbImage(64, 64, []);
        var file = Pictures.With(inks, size, 4, image => image.Copy(interpretation: Enums.Interpretation.Cmyk).JpegsaveBuffer(q: 100));
        var pixel = Pictures.Decode(file).Pixels[..3];
        Assert.Equal([255, 0, 127], pixel.Select((v, i) => Math.Abs(v - new[] { 255, 0, 127 }[i]) <= 2 ? new[] { 255, 0, 127 }[i] : v));
    }

    [Fact]
    public void A_picture_is_turned_only_when_asked()
    {
        var file = Pictures.With(Picture.Pixels, Picture, 3, image => image.Mutate(m => m.Set(GValue.GIntType, "orientation", 6)).JpegsaveBuffer(q: 90));
        Assert.Equal((40, 30), Size(Pictures.Decode(file)));
        Assert.Equal((30, 40), Size(Pictures.Decode(file, applyOrientation: true)));
    }

    [Fact]
    public void A_picture_is_turned_after_its_colours_are_made()
    {
        var values = Picture.Pixels.Chunk(3).SelectMany((p, i) => p.Append((byte)(i % 256))).Select(v => (ushort)(v << 8)).ToArray();
        using var image = Image.NewFromMemory(values, Picture.Width, Picture.Height, 4, Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Rgb16);
        using var upsideDown = image.Mutate(m => m.Set(GValue.GIntType, "orientation", 3));
        Assert.Equal(Picture.Pixels.Chunk(3).Reverse().SelectMany(p => p), Pictures.Decode(upsideDown.PngsaveBuffer(), applyOrientation: true).Pixels);
    }

    [Fact]
    public void A_picture_that_needs_no_turning_is_read_row_by_row()
    {
        var file = Pictures.Jpeg(Pictures.Draw(64, 2000));
        var began = false;
        // Its end is missing, which shows whether the whole picture is decoded before the first row.
        Assert.False(ImageDecoder.TryDecode(file[..(file.Length / 2)], applyOrientation: true, rows => $"{began = rows.Rows(0, 1).Length > 0}", out _, out _));
        Assert.True(began);
    }

    [Fact]
    public void Of_an_animation_the_first_frame_is_taken()
    {
        var (first, second) = (Pictures.Draw(20, 20, 1), Pictures.Draw(20, 20, 2));
        using var frames = Image.NewFromMemory([.. first.Pixels, .. second.Pixels], 20, 40, 3, Enums.BandFormat.Uchar).Mutate(m => m.Set(GValue.GIntType, "page-height", 20));
        var decoded = Pictures.Decode(frames.WebpsaveBuffer(lossless: true));
        Assert.Equal(first.Pixels, decoded.Pixels);
    }

    /// <summary>What Pillow 9.4 gives for files of these bytes.</summary>
    [Fact]
    public void Transparent_pixels_of_a_gif_keep_the_colour_of_the_palette()
    {
        // Two pixels a row, of 2 × 2: the second is transparent.
        byte[] control = [0x21, 0xF9, 4, 1, 0, 0, 1, 0], comment = [0x21, 0xFE, 1, (byte)'c', 0];
        Assert.Equal([10, 20, 30, 40, 50, 60, 10, 20, 30, 40, 50, 60], Gif(2, 2, [.. control, .. Frame(0, 0, 2, 2)]));
        Assert.Equal([10, 20, 30, 40, 50, 60, 10, 20, 30, 40, 50, 60], Gif(2, 2, [.. comment, .. control, .. Frame(0, 0, 2, 2), .. control, .. Frame(0, 0, 1, 1)]));
        // The palette of the frame itself.
        Assert.Equal([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6], Gif(2, 2, [.. control, .. Frame(0, 0, 2, 2, 1, 2, 3, 4, 5, 6)]));
        // A transparent colour that the palette lacks is grey.
        Assert.Equal([10, 20, 30, 200, 200, 200], Gif(2, 1, [0x21, 0xF9, 4, 1, 0, 0, 200, 0, .. Frame(0, 0, 1, 1)]));
    }

    [Fact]
    public void What_a_frame_of_a_gif_leaves_free_has_the_transparent_colour_else_the_first()
    {
        byte[] control = [0x21, 0xF9, 4, 1, 0, 0, 1, 0];
        Assert.Equal([40, 50, 60, 40, 50, 60, 40, 50, 60, 10, 20, 30], Gif(2, 2, [.. control, .. Frame(1, 1, 1, 1)]));
        Assert.Equal([10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30], Gif(2, 2, Frame(1, 0, 1, 1)));
        // A frame beyond the edge makes the picture larger.
        Assert.Equal([10, 20, 30, 40, 50, 60], Gif(1, 1, Frame(0, 0, 2, 1)));
    }

    [Fact]
    public void A_gif_of_a_shop_with_a_transparent_white_is_white() =>
        Assert.Equal([255, 255, 255], Pictures.Decode(File.ReadAllBytes(Beside.Case("29-pictures/transparent-product.gif"))).Pixels[..3]);

    [Fact]
    public void Sixteen_bits_of_grey_keep_their_high_byte()
    {
        var values = Picture.Pixels.Chunk(3).Select((p, i) => (ushort)(p[0] << 8 | i % 256)).ToArray();
        using var image = Image.NewFromMemory(values, Picture.Width, Picture.Height, 1, Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Grey16);
        Assert.Equal(Picture.Pixels.Chunk(3).SelectMany(p => new[] { p[0], p[0], p[0] }), Pictures.Decode(image.PngsaveBuffer()).Pixels);
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        foreach (var file in new[] { Pictures.Jpeg(Picture), Pictures.Png(Picture) })
            Assert.Matches("cannot be decoded|is truncated", Pictures.Refusal(file[..(file.Length / 2)]));
    }

    [Fact]
    public void A_png_whose_last_chunk_is_missing_is_refused() => Assert.Contains("IEND", Pictures.Refusal(Pictures.Png(Picture)[..^12]));

    [Fact]
    public void A_compression_bomb_in_a_comment_is_refused()
    {
        var packed = Packed(2 << 20);
        Assert.Contains("unpacks to more than", Pictures.Refusal(WithChunk("zTXt", [.. "bomb\0\0"u8, .. packed.ToArray()])));
        Assert.Contains("unpacks to more than", Pictures.Refusal(WithChunk("iTXt", [.. "bomb\0\u0001\0en\0bombe\0"u8, .. packed.ToArray()])));
        Assert.Contains("unknown method 7", Pictures.Refusal(WithChunk("zTXt", [.. "text\0\a"u8, .. packed.ToArray()])));
    }

    [Fact]
    public void Comments_that_are_bombs_only_together_are_refused()
    {
        byte[] comment = [.. "text\0\0"u8, .. Packed(1 << 20)];
        Assert.Equal(Picture.Pixels, Pictures.Decode(WithChunk("zTXt", comment, times: 64)).Pixels);
        Assert.Contains("unpack to more than 67108864 bytes together", Pictures.Refusal(WithChunk("zTXt", comment, times: 10_000)));
    }

    [Fact]
    public void Comments_that_are_too_small_to_be_bombs_are_not_unpacked()
    {
        var file = WithChunk("zTXt", "t\0\0"u8.ToArray(), times: 700_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(FileChecks.FaultOfPng(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20); // each that is unpacked takes some hundred bytes
    }

    [Fact]
    public void An_animation_frame_without_control_chunk_is_refused() => Assert.Contains("fcTL", Pictures.Refusal(WithChunk("fdAT", [0, 0, 0, 0])));

    [Fact]
    public void An_exif_segment_that_is_cut_off_is_refused()
    {
        var file = Pictures.Jpeg(Picture);
        Assert.Contains("EXIF", Pictures.Refusal([.. file[..2], 0xFF, 0xE1, 0, 15, .. "Exif\0\0MM\0*\0\0\0"u8, .. file[2..]]));
    }

    [Fact]
    public void An_exif_segment_behind_a_good_one_counts_for_nothing()
    {
        var file = Pictures.Jpeg(Picture);
        byte[] good = [0xFF, 0xE1, 0, 22, .. "Exif\0\0MM\0*\0\0\0\b\0\0\0\0\0\0"u8], cutOff = [0xFF, 0xE1, 0, 14, .. "Exif\0\0second"u8];
        Assert.Equal((Picture.Width, Picture.Height), Size(Pictures.Decode([.. file[..2], .. good, .. cutOff, .. file[2..]])));
    }

    [Fact]
    public void A_file_is_refused_for_rows_too_that_are_cropped_away()
    {
        var file = Pictures.Jpeg(Pictures.Draw(64, 2000));
        var rule = new ImagePreprocessing { ResizeTo = [8], Crop = [8] };
        Assert.True(ImageDecoder.TryDecode(file, applyOrientation: false, rule.ResizeAndCrop, out _, out _));
        Assert.False(ImageDecoder.TryDecode(file[..(file.Length * 9 / 10)], applyOrientation: false, rule.ResizeAndCrop, out _, out var reason));
        Assert.Contains("cannot be decoded", reason);
    }

    private static byte[] Packed(int zeros)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(new byte[zeros]);
        return packed.ToArray();
    }

    // Puts a chunk behind the header of a good picture.
    private static byte[] WithChunk(string type, byte[] data, int times = 1)
    {
        var file = Pictures.Png(Picture);
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        System.Text.Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), Crc32(chunk.AsSpan(4, data.Length + 4)));
        return [.. file[..33], .. Enumerable.Repeat(chunk, times).SelectMany(c => c), .. file[33..]];
    }

    [Theory]
    [InlineData("")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>")]
    [InlineData("%PDF-1.4")]
    [InlineData("<html>404</html>")]
    public void Anything_but_the_four_raster_formats_is_refused(string content) =>
        Assert.Matches("is empty|is no JPEG, PNG, WebP or GIF", Pictures.Refusal(System.Text.Encoding.ASCII.GetBytes(content)));

    [Theory]
    [InlineData(30_000, 30_000)]
    [InlineData(70_000, 1)]
    public void Too_many_pixels_are_refused_by_the_header_alone(int width, int height)
    {
        var file = Pictures.Png(Picture);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), Crc32(file.AsSpan(12, 17)));
        Assert.Contains($"is too large: {width} × {height} pixels", Pictures.Refusal(file));
    }

    private static (int, int) Size(RgbImage image) => (image.Width, image.Height);

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }
        return ~crc;
    }

    // A palette of two colours, (10, 20, 30) and (40, 50, 60).
    private static byte[] Gif(byte width, byte height, byte[] blocks) =>
        Pictures.Decode([.. "GIF89a"u8, width, 0, height, 0, 0x80, 0, 0, 10, 20, 30, 40, 50, 60, .. blocks, 0x3B]).Pixels;

    // Pixels 0 1 0 1 …, each as a code of three bits behind a code that clears the table, so that no code grows.
    private static byte[] Frame(byte left, byte top, byte width, byte height, params byte[] palette)
    {
        var (bits, count) = (new List<bool>(), width * height);
        for (var i = 0; i < count; i++)
            foreach (var code in new[] { 4, i % 2 }) Code(code);
        Code(5);
        var bytes = bits.Chunk(8).Select(b => (byte)b.Select((bit, i) => bit ? 1 << i : 0).Sum()).ToArray();
        return [0x2C, left, 0, top, 0, width, 0, height, 0, (byte)(palette.Length > 0 ? 0x80 : 0), .. palette, 2, (byte)bytes.Length, .. bytes, 0];

        void Code(int code) => bits.AddRange(Enumerable.Range(0, 3).Select(i => (code >> i & 1) != 0));
    }
}
