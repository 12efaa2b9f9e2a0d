using System.Buffers.Binary;
using System.IO.Compression;

namespace LmmRec.Encoders.Images;

/// <summary>
/// Faults that libvips lets pass and Pillow does not, so that both refuse the same files:
/// PNG: a chunk that is cut off or missing at the end, a text or profile that is compressed by another method than the standard's or unpacks to more
/// than 1 MiB, an animation frame without its control chunk. JPEG: a first EXIF segment too short for its header.
/// </summary>
internal static class FileChecks
{
    private const int MaxText = 1 << 20;
    private const int PngSignature = 8, ChunkFrame = 12; // length, type and checksum around a chunk's data

    /// <summary>What is wrong with a PNG file beyond its pixels; null: nothing.</summary>
    public static string? FaultOfPng(ReadOnlySpan<byte> file)
    {
        var controlled = false;
        for (var at = PngSignature; at + ChunkFrame <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - ChunkFrame) return "is truncated: a chunk is cut off";
            var type = file.Slice(at + 4, 4);
            var data = file.Slice(at + 8, (int)length);
            if (type.SequenceEqual("IEND"u8)) return null;
            if (type.SequenceEqual("fcTL"u8)) controlled = true;
            if (type.SequenceEqual("fdAT"u8) && !controlled) return "has an animation frame (fdAT) without its control chunk (fcTL)";
            if ((type.SequenceEqual("zTXt"u8) || type.SequenceEqual("iCCP"u8)) && FaultOfCompressed(data, type) is { } fault) return fault;
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

    // A name, a zero, the method, and the compressed content.
    private static string? FaultOfCompressed(ReadOnlySpan<byte> data, ReadOnlySpan<byte> type)
    {
        var end = data.IndexOf((byte)0);
        if (end < 0 || end + 1 >= data.Length) return null;
        if (data[end + 1] != 0) return $"compresses a chunk ({System.Text.Encoding.ASCII.GetString(type)}) by the unknown method {data[end + 1]}";
        using var unpacked = new ZLibStream(new MemoryStream(data[(end + 2)..].ToArray()), CompressionMode.Decompress);
        try
        {
            return unpacked.ReadAtLeast(new byte[MaxText + 1], MaxText + 1, throwOnEndOfStream: false) > MaxText
                ? $"has a text or profile that unpacks to more than {MaxText} bytes"
                : null;
        }
        catch (InvalidDataException)
        {
            return null; // a broken comment spoils no picture
        }
    }
}
