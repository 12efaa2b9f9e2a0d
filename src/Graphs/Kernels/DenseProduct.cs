using System.Runtime.CompilerServices;
using LmmRec.Dense;

namespace LmmRec.Graphs.Kernels;

/// <summary>A matrix, or the transpose of one that lies in memory.</summary>
internal readonly unsafe struct MatrixView(float* data, int rows, int columns, bool transposed)
{
    public readonly float* Data = data;
    public readonly int Rows = rows, Columns = columns;

    /// <summary>Distance in memory between rows, and between columns; one of both is 1.</summary>
    public readonly long RowStride = transposed ? 1 : columns, ColumnStride = transposed ? rows : 1;
}

/// <summary>
/// Y = A B + c for large matrices: both are copied into the order in which tiles read them, and then multiplied in blocks. Sums run over the inner
/// dimension in its order, whatever the threads.
/// </summary>
internal static unsafe class DenseProduct
{
    // Of a block: 96 rows of A and 32 columns of B take 390 KB, which stay in a core's second cache while the block's other columns pass.
    private const int BlockInner = 768, BlockRows = 8 * ProductTile.Rows, BlockColumns = 8 * ProductTile.Columns;

    // Of each matrix no more than this is copied at once, which stays in the cores' common cache until it has been multiplied. With what aligns it,
    // it just fits into 4 MB, for the pool lends powers of two.
    private const int StripeElements = (1 << 20) - 64;

    public static void Compute(MatrixView a, MatrixView b, float* bias, float* y, Action<int, Action<int>> parallelFor)
    {
        const int R = ProductTile.Rows, C = ProductTile.Columns;
        var deepest = Math.Min(BlockInner, a.Columns);
        int rowsAtOnce = AtOnce(a.Rows, BlockRows), columnsAtOnce = AtOnce(b.Columns, BlockColumns);
        using Workspace rows = new(Panels.Count(rowsAtOnce, R) * (long)R * deepest), columns = new(Panels.Count(columnsAtOnce, C) * (long)C * deepest);
        float* packedA = rows.Data, packedB = columns.Data; // [panel][inner][12 or 32]
        for (var start = 0; start < Math.Max(1, a.Columns); start += BlockInner)
        {
            var (first, inner) = (start, Math.Min(BlockInner, a.Columns - start));
            for (var row = 0; row < a.Rows; row += rowsAtOnce)
            {
                var (firstRow, m) = (row, Math.Min(rowsAtOnce, a.Rows - row));
                Pack(a.Data + firstRow * a.RowStride + first * a.ColumnStride, a.RowStride, a.ColumnStride, m, inner, R, packedA, parallelFor);
                for (var column = 0; column < b.Columns; column += columnsAtOnce)
                {
                    var (firstColumn, n) = (column, Math.Min(columnsAtOnce, b.Columns - column));
                    // Where B is one stripe, it is there from the first stripe of A on.
                    if (row == 0 || columnsAtOnce < b.Columns) Pack(b.Data + firstColumn * b.ColumnStride + first * b.RowStride, b.ColumnStride, b.RowStride, n, inner, C, packedB, parallelFor);
                    var target = y + (long)firstRow * b.Columns + firstColumn;
                    var add = first > 0 ? target : bias is null ? null : bias + firstColumn;
                    var addStride = first > 0 ? b.Columns : 0;
                    var blocks = Panels.Count(m, BlockRows);
                    parallelFor(blocks * Panels.Count(n, BlockColumns), block =>
                    {
                        var (r, c) = (block % blocks * BlockRows, block / blocks * BlockColumns);
                        Multiply(packedA, packedB, inner, r, Math.Min(r + BlockRows, m), c, Math.Min(c + BlockColumns, n), add, addStride, target, b.Columns);
                    });
                }
            }
        }

        // Pairs of blocks, for two threads.
        int AtOnce(int all, int block) => Math.Min(all, Math.Max(1, StripeElements / Math.Max(1, deepest) / (2 * block)) * 2 * block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* a, float* b, int inner, int firstRow, int endRow, int firstColumn, int endColumn, float* add, int addStride, float* y, int stride)
    {
        const int R = ProductTile.Rows, C = ProductTile.Columns;
        var edge = stackalloc float[R * C];
        for (var column = firstColumn; column < endColumn; column += C)
            for (var row = firstRow; row < endRow; row += R)
            {
                float* left = a + row * (long)inner, right = b + column * (long)inner;
                var target = y + (long)row * stride + column;
                var from = add is null ? null : add + (long)row * addStride + column;
                if (endRow - row >= R && endColumn - column >= C) ProductTile.Compute(left, right, inner, from, addStride, target, stride);
                else
                {
                    ProductTile.Compute(left, right, inner, null, 0, edge, C);
                    for (var r = 0; r < Math.Min(R, endRow - row); r++)
                        for (var c = 0; c < Math.Min(C, endColumn - column); c++)
                            target[(long)r * stride + c] = edge[r * C + c] + (from is null ? 0 : from[(long)r * addStride + c]);
                }
            }
    }

    private static void Pack(
        float* source, long lineStride, long innerStride, int lines, int inner, int width, float* target, Action<int, Action<int>> parallelFor)
    {
        if (lineStride == 1) parallelFor(Panels.Count(inner, Panels.AtOnce), part =>
        {
            for (var i = part * Panels.AtOnce; i < Math.Min((part + 1) * Panels.AtOnce, inner); i++)
                Panels.Distribute(source + i * innerStride, lines, width, target + i * (long)width, inner * (long)width);
        });
        else parallelFor(Panels.Count(lines, width), panel =>
            Panels.Gather(source + panel * width * lineStride, lineStride, Math.Min(width, lines - panel * width), inner, width, target + panel * (long)width * inner));
    }
}
