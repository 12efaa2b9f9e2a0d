namespace LmmRec.Encoders.Images;

/// <summary>Something that gives the rows of a picture, each once and from top to bottom: 8-bit RGB, three bytes a pixel.</summary>
public interface IPixelRows
{
    /// <summary>Pixels.</summary>
    int Width { get; }

    /// <summary>Pixels.</summary>
    int Height { get; }

    /// <summary>Rows <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1: [count × width × 3], valid until the next call.</summary>
    ReadOnlySpan<byte> Rows(int first, int count);
}

/// <summary>A picture in memory.</summary>
/// <param name="Width">pixels</param>
/// <param name="Height">pixels</param>
/// <param name="Pixels">[height × width × 3]: 8-bit RGB, row by row</param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels);
