using System.IO.Compression;
using LmmRec.Tables.Files;

namespace LmmRec.Ingest.Tests.Tables;

public sealed class ReadAheadTests
{
    [Fact]
    public void It_gives_the_bytes_of_the_stream_whatever_is_asked_for_at_a_time()
    {
        var bytes = new byte[3_000_000];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * 31 ^ i >> 8);
        using var stream = new ReadAhead(new MemoryStream(bytes), maxBytes: bytes.Length);
        var read = new List<byte>();
        var buffer = new byte[70_001];
        for (var size = 1; stream.Read(buffer, 0, size) is > 0 and var count; size = Math.Min(3 * size + 1, buffer.Length)) read.AddRange(buffer.AsSpan(0, count));
        Assert.Equal(bytes, read);
        Assert.Equal(0, stream.Read(buffer));
    }

    [Fact]
    public void Data_that_unfold_to_more_than_is_allowed_end_with_a_fault_after_what_is_allowed()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(new byte[4 << 20]);
        packed.Position = 0;
        using var stream = new ReadAhead(new GZipStream(packed, CompressionMode.Decompress), maxBytes: 1 << 20);
        var error = Assert.Throws<InvalidDataException>(() => stream.CopyTo(Stream.Null));
        Assert.Contains("unfold to more than 1048576 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_close_it_early_waits_for_nothing()
    {
        var stream = new ReadAhead(new MemoryStream(new byte[10_000_000]), maxBytes: 10_000_000);
        Assert.Equal(5, stream.Read(new byte[5]));
        stream.Dispose();
        stream.Dispose();
    }
}
