using System.Runtime.Intrinsics;

namespace LmmRec.Dense.Tests;

public sealed unsafe class TileTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(77)]
    public void A_product_tile_has_the_same_bits_on_machines_with_and_without_wide_vectors(int inner)
    {
        var (a, b, c) = (Values(inner * ProductTile.Rows, 1), Values(inner * ProductTile.Columns, 2), Values(ProductTile.Rows * ProductTile.Columns, 3));
        float[] wide = new float[c.Length], any = new float[c.Length];
        fixed (float* pa = a, pb = b, pc = c, pw = wide, py = any)
        {
            ProductTile.Compute512(pa, pb, inner, pc, ProductTile.Columns, pw, ProductTile.Columns);
            ProductTile.ComputeAnyWidth(pa, pb, inner, pc, ProductTile.Columns, py, ProductTile.Columns);
        }
        Assert.Equal(wide.Select(BitConverter.SingleToUInt32Bits), any.Select(BitConverter.SingleToUInt32Bits));
        Assert.DoesNotContain(0f, wide);
    }

    [Fact]
    public void A_product_tile_adds_products_in_the_order_of_the_inner_dimension_to_nothing_or_to_a_row()
    {
        const int Inner = 5, Stride = ProductTile.Columns + 3;
        var (a, b, row) = (Values(Inner * ProductTile.Rows, 4), Values(Inner * ProductTile.Columns, 5), Values(ProductTile.Columns, 6));
        float[] alone = new float[ProductTile.Rows * Stride], added = new float[alone.Length];
        fixed (float* pa = a, pb = b, pc = row, p0 = alone, p1 = added)
        {
            ProductTile.Compute(pa, pb, Inner, null, 0, p0, Stride);
            ProductTile.Compute(pa, pb, Inner, pc, 0, p1, Stride);
        }
        for (var r = 0; r < ProductTile.Rows; r++)
            for (var s = 0; s < ProductTile.Columns; s++)
            {
                var sum = 0f;
                for (var k = 0; k < Inner; k++) sum = MathF.FusedMultiplyAdd(a[k * ProductTile.Rows + r], b[k * ProductTile.Columns + s], sum);
                Assert.Equal((sum, sum + row[s]), (alone[r * Stride + s], added[r * Stride + s]));
            }
    }

    [Theory]
    [InlineData(1, 1, 5)]
    [InlineData(4, 4, 16)]
    [InlineData(6, 9, 83)] // the last tile of either side is not full, and neither is the last vector
    public void A_dot_tile_adds_the_products_of_any_two_rows(int rows, int columns, int width)
    {
        var (a, b) = (Values(rows * width, 7), Values(columns * width, 8));
        const int Stride = 12;
        var products = new float[Stride * Stride];
        var middle = width / 2;
        DotTile.AddProducts(a, b, width, 0, middle, products, Stride);
        DotTile.AddProducts(a, b, width, middle, width, products, Stride);
        for (var r = 0; r < rows; r++)
            for (var s = 0; s < columns; s++)
                Assert.Equal(Enumerable.Range(0, width).Sum(k => (double)a[r * width + k] * b[s * width + k]), products[r * Stride + s], 1e-4);
    }

    [Fact]
    public void A_dot_tile_gives_both_directions_of_a_pair_the_same_bits()
    {
        const int Width = 3 * 16 + 5;
        Assert.Equal(16, Vector512<float>.Count); // lanes of its sums
        var rows = Values(DotTile.Side * Width, 9);
        var products = new float[DotTile.Side * DotTile.Side];
        DotTile.AddProducts(rows, rows, Width, 0, Width, products, DotTile.Side);
        for (var r = 0; r < DotTile.Side; r++)
            for (var s = 0; s < r; s++) Assert.Equal(products[r * DotTile.Side + s], products[s * DotTile.Side + r]);
    }

    private static float[] Values(int count, int seed) => [.. Enumerable.Range(1, count).Select(i => MathF.Sin(i * 12.9898f + seed))];
}
