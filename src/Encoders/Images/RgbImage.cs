using System.Buffers;

namespace LmmRec.Encoders.Images;

/// <summary>A picture in memory: 8-bit RGB, row by row, three bytes a pixel.</summary>
/// <param name="Width">pixels</param>
/// <param name="Height">pixels</param>
/// <param name="Pixels">[height × width × 3], and longer where it is borrowed</param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels) : IDisposable
{
    private bool _borrowed;

    /// <summary>A picture whose memory is given back when it is disposed: new memory for each large picture costs more than a third of its decoding.</summary>
    public static RgbImage Borrow(int width, int height) => new(width, height, ArrayPool<byte>.Shared.Rent(width * height * 3)) { _borrowed = true };

    public void Dispose()
    {
        if (_borrowed) ArrayPool<byte>.Shared.Return(Pixels);
        _borrowed = false;
    }
}
