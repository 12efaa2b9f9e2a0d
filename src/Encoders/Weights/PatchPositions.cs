using LmmRec.Graphs;

namespace LmmRec.Encoders.Weights;

/// <summary>
/// Fits learned positions of patches to pictures of another size (docs/encoders.md#vlmos-weights): those of the square grid are interpolated as
/// PyTorch's <c>interpolate(mode="bicubic", align_corners=False)</c> does, the class token's stays.
/// </summary>
internal static class PatchPositions
{
    private const double A = -0.75; // PyTorch's cubic; Pillow's, for pictures, is another

    /// <summary>The positions [1 + n², width] of <paramref name="data"/> as <paramref name="shape"/> [1 + m², width] wants them, either with dimensions of 1 before.</summary>
    /// <returns>Null where the shapes are no such tables of the same width.</returns>
    public static TensorData? Resized(TensorData data, long[] shape)
    {
        var width = (int)shape[^1];
        if (data.Shape.Length < 2 || data.Shape[^1] != width || SideOf(data.Shape) is not { } from || SideOf(shape) is not { } to) return null;
        var (source, result) = (data.As<float>(), new float[(to * to + 1) * width]);
        source.AsSpan(0, width).CopyTo(result);
        for (var y = 0; y < to; y++)
            for (var x = 0; x < to; x++)
            {
                var target = result.AsSpan((1 + y * to + x) * width, width);
                foreach (var (row, down) in Taps(y, from, to))
                    foreach (var (column, across) in Taps(x, from, to))
                    {
                        var patch = source.AsSpan((1 + row * from + column) * width, width);
                        for (var i = 0; i < width; i++) target[i] += (float)(down * across) * patch[i];
                    }
            }
        return TensorData.Of(result, shape);
    }

    // Patches a side; null where the table is not that of a square with its class token.
    private static int? SideOf(long[] shape)
    {
        var patches = shape[^2] - 1;
        var side = (int)Math.Sqrt(patches);
        return side > 0 && (long)side * side == patches && shape[..^2].All(d => d == 1) ? side : null;
    }

    // Four neighbours of a place and their weights; beyond the edge its last patch goes on.
    private static IEnumerable<(int At, double Weight)> Taps(int at, int from, int to)
    {
        var place = (at + 0.5) * from / to - 0.5;
        var first = (int)Math.Floor(place);
        return Enumerable.Range(first - 1, 4).Select(i => (Math.Clamp(i, 0, from - 1), Cubic(Math.Abs(place - i))));
    }

    private static double Cubic(double d) => d <= 1 ? ((A + 2) * d - (A + 3)) * d * d + 1 : ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
}
