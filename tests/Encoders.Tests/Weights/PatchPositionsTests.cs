using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Weights;

public sealed class PatchPositionsTests
{
    private const float Class = -5;

    // A grid of 3 × 3 squares of 1 … 9; what PyTorch 1.13's interpolate(mode="bicubic", align_corners=False) makes of it.
    private static readonly float[] Grid = [1, 4, 9, 16, 25, 36, 49, 64, 81];

    [Theory]
    [InlineData(4, new[] { -0.26108f, 1.06481f, 4.42152f, 7.38999f, 6.52575f, 10.0229f, 16.77397f, 21.91371f, 28.69105f, 35.58257f, 47.64009f, 56.17419f, 50.26108f, 59.32386f, 74.77575f, 85.48111f })]
    [InlineData(2, new[] { 3.96201f, 12.28799f, 44.63174f, 68.64951f })]
    public void Positions_of_another_grid_are_interpolated_as_PyTorch_does_and_the_class_token_stays(int side, float[] expected)
    {
        // Two columns, the second one twice the first.
        var positions = TensorData.Of(Doubled([Class, .. Grid]), 1, 10, 2);
        var resized = PatchPositions.Resized(positions, [1, side * side + 1, 2])!;
        Assert.All(resized.As<float>().Zip(Doubled([Class, .. expected])), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(6, 2)]
    public void Tables_of_no_square_or_another_width_are_refused(int rows, int width) =>
        Assert.Null(PatchPositions.Resized(TensorData.Of(new float[rows * width], rows, width), [17, 2]));

    private static float[] Doubled(float[] values) => [.. values.SelectMany(v => new[] { v, 2 * v })];
}
