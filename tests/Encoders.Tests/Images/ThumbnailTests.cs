using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Tests.Images;

public sealed class ThumbnailTests
{
    [Fact]
    public void It_is_a_small_square_of_the_middle_as_a_JPEG_and_the_same_every_time()
    {
        var file = Pictures.Png(Pictures.Draw(300, 120));
        var small = Thumbnail.Of(file, 64)!;
        Assert.Equal((64, 64), (Pictures.Decode(small).Width, Pictures.Decode(small).Height));
        Assert.Equal([0xFF, 0xD8], small[..2]);
        Assert.InRange(small.Length, 100, 4096);
        Assert.Equal(small, Thumbnail.Of(file, 64));
    }

    [Fact]
    public void Of_a_file_that_is_no_picture_there_is_none() => Assert.Null(Thumbnail.Of([1, 2, 3], 64));
}
