using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace LmmRec.Tables.Files;

/// <summary>A text file as bytes of UTF-8: gzip and zstd are unpacked, UTF-16 is converted. All is told by the first bytes, never by the name.</summary>
public static class PackedFile
{
    private const int Look = 256; // bytes that tell UTF-16

    // A kilobyte may unfold to text without end. Tables unfold to some ten times their size.
    private const long MaxSmall = 1L << 30;
    private const int MaxRatio = 200;

    /// <summary>Opens the file. A packed one is unpacked on a thread of its own; the first bytes may be the byte-order mark of UTF-8.</summary>
    public static Stream Open(string path)
    {
        var utf16 = Utf16Of(Start(Unpack(path), Look));
        var bytes = Unpack(path);
        return utf16 is null ? bytes : Encoding.CreateTranscodingStream(bytes, utf16, Encoding.UTF8);
    }

    /// <summary>The first <paramref name="count"/> bytes of what <see cref="Open"/> gives, fewer where the file is shorter.</summary>
    /// <exception cref="InvalidDataException">A packed file is damaged there already.</exception>
    public static byte[] Head(string path, int count) => Start(Open(path), count);

    private static byte[] Start(Stream stream, int count)
    {
        using (stream)
        {
            var bytes = new byte[count];
            return bytes[..stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false)];
        }
    }

    private static Stream Unpack(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
        Span<byte> magic = stackalloc byte[4];
        magic = magic[..file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        var most = MaxSmall + MaxRatio * file.Length;
        return magic switch
        {
            [0x1f, 0x8b, ..] => new ReadAhead(new GZipStream(file, CompressionMode.Decompress), most),
            [0x28, 0xb5, 0x2f, 0xfd] => new ReadAhead(new DecompressionStream(file, leaveOpen: false), most),
            _ => file,
        };
    }

    // By the mark; without one, text in the Latin script has every second byte 0.
    private static Encoding? Utf16Of(ReadOnlySpan<byte> start)
    {
        if (start is [0xff, 0xfe, ..]) return Encoding.Unicode;
        if (start is [0xfe, 0xff, ..]) return Encoding.BigEndianUnicode;
        var (even, odd) = (0, 0);
        for (var i = 0; i + 1 < start.Length; i += 2)
        {
            if (start[i] == 0) even++;
            if (start[i + 1] == 0) odd++;
        }
        return odd > start.Length / 4 && even == 0 ? Encoding.Unicode : even > start.Length / 4 && odd == 0 ? Encoding.BigEndianUnicode : null;
    }
}
