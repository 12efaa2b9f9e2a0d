using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace LmmRec.Encoders.Images;

/// <summary>
/// Faults that libvips lets pass and Pillow does not, so that both refuse the same files:
/// PNG: a chunk that is cut off or missing at the end, a text or profile that is compressed by another method than the standard's or unpacks to more
/// than 1 MiB, or to more than 64 MiB together with the others, an animation frame without its control chunk. JPEG: a first EXIF segment too short for
/// its header. (Pillow's sum holds plain and tiny texts too, but no profiles; here it bounds the time that a file can cost.)
/// </summary>
internal static class FileChecks
{
    private const int MaxText = 1 << 20, MaxTexts = 64 << 20; // Pillow's limits
    private const int MaxRatio = 1032; // of DEFLATE: 258 bytes from 2 bits
    private const int PngSignature = 8, ChunkFrame = 12; // length, type and checksum around a chunk's data

    /// <summary>What is wrong with a PNG file beyond its pixels; null: nothing.</summary>
    public static string? FaultOfPng(ReadOnlySpan<byte> file)
    {
        var controlled = false;
        var budget = MaxTexts;
        for (var at = PngSignature; at + ChunkFrame <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - ChunkFrame) return "is truncated: a chunk is cut off";
            var type = file.Slice(at + 4, 4);
            var data = file.Slice(at + 8, (int)length);
            if (type.SequenceEqual("IEND"u8)) return null;
            if (type.SequenceEqual("fcTL"u8)) controlled = true;
            if (type.SequenceEqual("fdAT"u8) && !controlled) return "has an animation frame (fdAT) without its control chunk (fcTL)";
            if (PackedBy(type, data) is { } packed)
            {
                if (packed.Method != 0) return $"compresses a chunk ({Encoding.ASCII.GetString(type)}) by the unknown method {packed.Method}";
                var size = UnpackedSize(data[packed.Start..]);
                if (size > MaxText) return $"has a text or profile that unpacks to more than {MaxText} bytes";
                budget -= size;
                if (budget < 0) return $"has texts and profiles that unpack to more than {MaxTexts} bytes together";
            }
            at += ChunkFrame + (int)length;
        }
        return "is truncated: its last chunk (IEND) is missing";
    }

    /// <summary>What is wrong with a JPEG file beyond its pixels; null: nothing that can be seen here.</summary>
    public static string? FaultOfJpeg(ReadOnlySpan<byte> file)
    {
        const byte startOfScan = 0xDA, exif = 0xE1;
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF && file[at + 1] != startOfScan;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            var segment = file[Math.Min(at + 4, file.Length)..Math.Min(Math.Max(at + 4, at + 2 + length), file.Length)];
            // Later ones count for nothing.
            if (file[at + 1] == exif && segment.StartsWith("Exif\0\0"u8)) return segment.Length < 6 + 8 ? "has an EXIF segment that is cut off" : null;
            at += 2 + Math.Max(2, (int)length);
        }
        return null;
    }

    // How a chunk's text or profile is compressed, and where its content begins; null where it is not.
    private static (byte Method, int Start)? PackedBy(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var international = type.SequenceEqual("iTXt"u8);
        if (!international && !type.SequenceEqual("zTXt"u8) && !type.SequenceEqual("iCCP"u8)) return null;
        var at = data.IndexOf((byte)0) + 1; // behind the name
        if (at == 0 || at >= data.Length) return null;
        if (!international) return (data[at], at + 1);
        // Whether it is compressed, the method, the language, a zero, the translated name, a zero. Pillow reads no text of another method.
        if (at + 2 > data.Length || data[at] == 0 || data[at + 1] != 0) return null;
        at += 2;
        for (var field = 0; field < 2; field++)
        {
            var length = data[at..].IndexOf((byte)0);
            if (length < 0) return null;
            at += length + 1;
        }
        return (0, at);
    }

    // Bytes, or one more than MaxText where it is more. What is too small to become a large one counts as 0: opening hundreds of thousands of them takes seconds.
    private static int UnpackedSize(ReadOnlySpan<byte> packed)
    {
        if (packed.Length <= MaxText / MaxRatio) return 0;
        using var stream = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        Span<byte> buffer = stackalloc byte[1 << 14];
        var size = 0;
        try
        {
            while (size <= MaxText && stream.Read(buffer) is > 0 and var read) size += read;
        }
        catch (InvalidDataException)
        {
            // A broken text spoils no picture.
        }
        return Math.Min(size, MaxText + 1);
    }
}
