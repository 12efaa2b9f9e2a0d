using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    private const int PackedAtOnce = 64;

    // Of each matrix no more than this is copied at once: a table of features is as large as all else together. With what aligns it, it just fits
    // into 16 MB, for the pool lends powers of two.
    private const int StripeElements = (1 << 22) - 64;

    public static void Compute(MatrixView a, MatrixView b, float* bias, float* y, Action<int, Action<int>> parallelFor)
    {
        const int R = ProductTile.Rows, C = ProductTile.Columns;
        var inner = a.Columns;
        int rowsAtOnce = AtOnce(a.Rows, BlockRows), columnsAtOnce = AtOnce(b.Columns, BlockColumns);
        using Workspace rows = new(Parts(rowsAtOnce, R) * (long)R * inner), columns = new(Parts(columnsAtOnce, C) * (long)C * inner);
        float* packedA = rows.Data, packedB = columns.Data; // [panel][inner][12 or 32]
        for (var column = 0; column < b.Columns; column += columnsAtOnce)
        {
            var (firstColumn, endColumn) = (column, Math.Min(column + columnsAtOnce, b.Columns));
            parallelFor(Parts(endColumn - firstColumn, C), panel =>
                Pack(b.Data + (firstColumn + panel * C) * b.ColumnStride, b.ColumnStride, b.RowStride, Math.Min(C, endColumn - firstColumn - panel * C), inner, C, packedB + panel * (long)C * inner));
            for (var row = 0; row < a.Rows; row += rowsAtOnce)
            {
                var (firstRow, endRow) = (row, Math.Min(row + rowsAtOnce, a.Rows));
                // Where A is one stripe, it is there from the first stripe of B on.
                if (column == 0 || rowsAtOnce < a.Rows) parallelFor(Parts(endRow - firstRow, R), panel =>
                    Pack(a.Data + (firstRow + panel * R) * a.RowStride, a.RowStride, a.ColumnStride, Math.Min(R, endRow - firstRow - panel * R), inner, R, packedA + panel * (long)R * inner));
                var (m, n) = (endRow - firstRow, endColumn - firstColumn);
                var target = y + (long)firstRow * b.Columns + firstColumn;
                var blocks = Parts(m, BlockRows);
                parallelFor(blocks * Parts(n, BlockColumns), block =>
                {
                    var (r, c) = (block % blocks * BlockRows, block / blocks * BlockColumns);
                    Multiply(packedA, packedB, inner, r, Math.Min(r + BlockRows, m), c, Math.Min(c + BlockColumns, n), bias is null ? null : bias + firstColumn, target, b.Columns);
                });
            }
        }

        // Pairs of blocks, for two threads.
        int AtOnce(int all, int block) => Math.Min(all, Math.Max(1, StripeElements / inner / (2 * block)) * 2 * block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* a, float* b, int allInner, int firstRow, int endRow, int firstColumn, int endColumn, float* bias, float* y, int stride)
    {
        const int R = ProductTile.Rows, C = ProductTile.Columns;
        var edge = stackalloc float[R * C];
        for (var start = 0; start < allInner; start += BlockInner)
        {
            var inner = Math.Min(BlockInner, allInner - start);
            for (var column = firstColumn; column < endColumn; column += C)
                for (var row = firstRow; row < endRow; row += R)
                {
                    float* left = a + row * (long)allInner + start * R, right = b + column * (long)allInner + start * C;
                    var target = y + (long)row * stride + column;
                    var add = start > 0 ? target : bias is null ? null : bias + column;
                    var addStride = start > 0 ? stride : 0;
                    if (endRow - row >= R && endColumn - column >= C) ProductTile.Compute(left, right, inner, add, addStride, target, stride);
                    else
                    {
                        ProductTile.Compute(left, right, inner, null, 0, edge, C);
                        for (var r = 0; r < Math.Min(R, endRow - row); r++)
                            for (var c = 0; c < Math.Min(C, endColumn - column); c++)
                                target[(long)r * stride + c] = edge[r * C + c] + (add is null ? 0 : add[(long)r * addStride + c]);
                    }
                }
        }
    }

    private static int Parts(int size, int part) => (size + part - 1) / part;

    /// <summary>Copies <paramref name="count"/> lines of <paramref name="inner"/> elements so that those of equal place lie together, with zeros up to <paramref name="width"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* source, long lineStride, long innerStride, int count, int inner, int width, float* target)
    {
        if (count < width) new Span<float>(target, inner * width).Clear();
        if (lineStride == 1)
        {
            for (var i = 0; i < inner; i++, source += innerStride, target += width)
            {
                var line = 0;
                for (; line <= count - 4; line += 4) Vector128.Load(source + line).Store(target + line);
                for (; line < count; line++) target[line] = source[line];
            }
            return;
        }
        // Some elements of all lines, then the next: what is written stays in the first cache until its lines are full.
        for (var first = 0; first < inner; first += PackedAtOnce)
        {
            var last = Math.Min(first + PackedAtOnce, inner);
            var line = 0;
            for (; line <= count - 4; line += 4)
            {
                float* l0 = source + line * lineStride, l1 = l0 + lineStride, l2 = l1 + lineStride, l3 = l2 + lineStride;
                var to = target + (long)first * width + line;
                for (var i = first; i < last; i++, to += width) (to[0], to[1], to[2], to[3]) = (l0[i], l1[i], l2[i], l3[i]);
            }
            for (; line < count; line++)
                for (var i = first; i < last; i++) target[(long)i * width + line] = source[line * lineStride + i];
        }
    }

    /// <summary>Pooled memory that begins at a cache line.</summary>
    private readonly ref struct Workspace
    {
        private const int Line = 64;
        private readonly float[] _array;
        private readonly GCHandle _pin;

        public Workspace(long length)
        {
            _array = ArrayPool<float>.Shared.Rent(checked((int)length + Line / sizeof(float)));
            _pin = GCHandle.Alloc(_array, GCHandleType.Pinned);
            Data = (float*)((_pin.AddrOfPinnedObject() + Line - 1) & ~(nint)(Line - 1));
        }

        public float* Data { get; }

        public void Dispose()
        {
            _pin.Free();
            ArrayPool<float>.Shared.Return(_array);
        }
    }
}
