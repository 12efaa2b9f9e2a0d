using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest.Tests;

public sealed class PictureHeaderTests
{
    [Fact]
    public void Only_pictures_of_sensible_size_in_a_known_format_are_accepted()
    {
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).PngsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).WebpsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).GifsaveBuffer()));
        Assert.Equal((true, 12, 20, null), Header(NetVips.Image.Black(12, 20, 3).JpegsaveBuffer()));
        Assert.Equal("is too small: 9 × 20 pixels; at least 10 a side are needed", Header(NetVips.Image.Black(9, 20, 3).PngsaveBuffer()).Fault);
        Assert.Equal("is too large: 10000 × 6000 pixels; at most 50000000 are decoded, and 65535 a side", Header(NetVips.Image.Black(10_000, 6_000, 1).PngsaveBuffer(compression: 1)).Fault);
        Assert.Equal("is no JPEG, PNG, WebP or GIF file (by its first bytes)", Header("<svg xmlns='http://www.w3.org/2000/svg' width='50' height='50'/>"u8.ToArray()).Fault);
        Assert.Equal("the file is empty", Header([]).Fault);
        Assert.StartsWith("its header cannot be read: ", Header([0xFF, 0xD8, 0xFF, 0xE0, 0, 16]).Fault, StringComparison.Ordinal);
    }

    private static (bool Usable, int Width, int Height, string? Fault) Header(byte[] bytes) =>
        (PictureHeader.TryRead(bytes, out var width, out var height, out var fault), width, height, fault);
}
