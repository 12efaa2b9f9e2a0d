using System.Runtime.CompilerServices;
using LmmRec.Dense;

namespace LmmRec.Graphs.Kernels;

/// <summary>A matrix, or the transpose of one that lies in memory; activated: what QuickGelu gives for it.</summary>
internal readonly unsafe struct MatrixView(float* data, int rows, int columns, bool transposed, bool activated = false)
{
    public readonly float* Data = data;
    public readonly bool Activated = activated;
    public readonly int Rows = rows, Columns = columns;

    /// <summary>Distance in memory between rows, and between columns; one of both is 1.</summary>
    public readonly long RowStride = transposed ? 1 : columns, ColumnStride = transposed ? rows : 1;

    public float* At(int row, int column) => Data + row * RowStride + column * ColumnStride;
}

/// <summary>
/// Y = A B + c for large matrices: both are copied into the order in which tiles read them, and then multiplied in blocks. A is copied for all threads;
/// of B each thread copies the columns that it multiplies, so that they lie in its own cache. Sums run over the inner dimension in its order, whatever
/// the threads.
/// </summary>
internal static unsafe class DenseProduct
{
    private const int R = ProductTile.Rows, C = ProductTile.Columns;

    // Of a block: 96 rows of A and 128 columns of B take 690 KB, which stay in a core's second cache while they are multiplied. Tiles take half of the
    // products of a block at a time, whose 12 rows of A stay in the first cache: 98 % of what the processor can do, and 94 % with all at once.
    private const int BlockInner = 2 * TileInner, TileInner = 384, BlockRows = 8 * R, BlockColumns = 4 * C;

    // Of A no more than this is copied at once. With what aligns it, it just fits into 8 MB, for the pool lends powers of two.
    private const int StripeElements = (1 << 21) - 64;

    private const int EnoughTasks = 6, RowsOfTask = 384; // copying columns of B for fewer rows would take more than 4 % of the time

    public static void Compute(MatrixView a, MatrixView b, float* bias, float* y, Action<int, Action<int>> parallelFor)
    {
        var deepest = Math.Min(BlockInner, a.Columns);
        var stripes = Panels.Count(a.Rows, StripeElements / Math.Max(1, deepest) / R * R);
        var rowsAtOnce = Panels.Count(Panels.Count(a.Rows, Math.Max(1, stripes)), R) * R;
        using Workspace rows = new((long)rowsAtOnce * deepest);
        var packedA = rows.Data; // [panel][inner][12]
        for (var row = 0; row < a.Rows; row += rowsAtOnce)
            for (var start = 0; start < Math.Max(1, a.Columns); start += BlockInner)
            {
                var (firstRow, m, first, inner) = (row, Math.Min(rowsAtOnce, a.Rows - row), start, Math.Min(BlockInner, a.Columns - start));
                parallelFor(Panels.Count(m, BlockRows), part =>
                {
                    var r = part * BlockRows;
                    Pack(a.At(firstRow + r, first), a.RowStride, a.ColumnStride, Math.Min(BlockRows, m - r), inner, R, packedA + r * (long)inner, a.Activated);
                });

                var columnParts = Panels.Count(b.Columns, BlockColumns);
                var rowParts = Math.Clamp(EnoughTasks / Math.Max(1, columnParts), 1, Math.Max(1, m / RowsOfTask));
                var rowsOfPart = Panels.Count(Panels.Count(m, R), rowParts) * R;
                parallelFor(columnParts * rowParts, part =>
                {
                    var (r, c) = (part % rowParts * rowsOfPart, part / rowParts * BlockColumns);
                    var n = Math.Min(BlockColumns, b.Columns - c);
                    using Workspace columns = new(BlockColumns * (long)inner);
                    Pack(b.At(first, c), b.ColumnStride, b.RowStride, n, inner, C, columns.Data, b.Activated);
                    var target = y + (long)firstRow * b.Columns + c;
                    var add = first > 0 ? target : bias is null ? null : bias + c;
                    for (var end = Math.Min(r + rowsOfPart, m); r < end; r += BlockRows)
                        Multiply(packedA, columns.Data, inner, r, Math.Min(r + BlockRows, end), n, add, first > 0 ? b.Columns : 0, target, b.Columns);
                });
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* a, float* b, int inner, int firstRow, int endRow, int columns, float* add, int addStride, float* y, int stride)
    {
        var edge = stackalloc float[R * C];
        for (var first = 0; first == 0 || first < inner; first += TileInner, add = y, addStride = stride)
            for (var column = 0; column < columns; column += C)
                for (var row = firstRow; row < endRow; row += R)
                {
                    float* left = a + row * (long)inner + first * R, right = b + column * (long)inner + first * C;
                    var products = Math.Min(TileInner, inner - first);
                    var target = y + (long)row * stride + column;
                    var from = add is null ? null : add + (long)row * addStride + column;
                    if (endRow - row >= R && columns - column >= C) ProductTile.Compute(left, right, products, from, addStride, target, stride);
                    else
                    {
                        ProductTile.Compute(left, right, products, null, 0, edge, C);
                        for (var r = 0; r < Math.Min(R, endRow - row); r++)
                            for (var c = 0; c < Math.Min(C, columns - column); c++)
                                target[(long)r * stride + c] = edge[r * C + c] + (from is null ? 0 : from[(long)r * addStride + c]);
                    }
                }
    }

    /// <summary>Copies lines into panels of <paramref name="width"/>; memory is read in the order in which it lies.</summary>
    private static void Pack(float* source, long lineStride, long innerStride, int lines, int inner, int width, float* target, bool activated)
    {
        if (lineStride == 1)
            for (var i = 0; i < inner; i++) Panels.Distribute(source + i * innerStride, lines, width, target + i * (long)width, inner * (long)width);
        else
            for (var line = 0; line < lines; line += width)
                Panels.Gather(source + line * lineStride, lineStride, Math.Min(width, lines - line), inner, width, target + line * (long)inner);
        if (activated) QuickGelu.Activate(target, target, Panels.Count(lines, width) * width * inner); // while the copy is in the cache
    }
}
