namespace LmmRec.Encoders.Images;

/// <summary>A picture in memory: 8-bit RGB, row by row, three bytes a pixel.</summary>
/// <param name="Width">pixels</param>
/// <param name="Height">pixels</param>
/// <param name="Pixels">[height × width × 3]</param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels);
