using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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

    private const int PackedAtOnce = 64;

    // Of each matrix no more than this is copied at once, which stays in the cores' common cache until it has been multiplied. With what aligns it,
    // it just fits into 4 MB, for the pool lends powers of two.
    private const int StripeElements = (1 << 20) - 64;

    public static void Compute(MatrixView a, MatrixView b, float* bias, float* y, Action<int, Action<int>> parallelFor)
    {
        const int R = ProductTile.Rows, C = ProductTile.Columns;
        var deepest = Math.Min(BlockInner, a.Columns);
        int rowsAtOnce = AtOnce(a.Rows, BlockRows), columnsAtOnce = AtOnce(b.Columns, BlockColumns);
        using Workspace rows = new(Parts(rowsAtOnce, R) * (long)R * deepest), columns = new(Parts(columnsAtOnce, C) * (long)C * deepest);
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
                    var blocks = Parts(m, BlockRows);
                    parallelFor(blocks * Parts(n, BlockColumns), block =>
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

    private static int Parts(int size, int part) => (size + part - 1) / part;

    /// <summary>
    /// Copies <paramref name="lines"/> lines of <paramref name="inner"/> elements into panels of <paramref name="width"/> lines, in which elements of
    /// equal place lie together, with zeros for the lines that the last panel lacks. Memory is read in the order in which it lies.
    /// </summary>
    private static void Pack(
        float* source, long lineStride, long innerStride, int lines, int inner, int width, float* target, Action<int, Action<int>> parallelFor)
    {
        if (lineStride == 1) parallelFor(Parts(inner, PackedAtOnce), part =>
        {
            for (var i = part * PackedAtOnce; i < Math.Min((part + 1) * PackedAtOnce, inner); i++)
                Distribute(source + i * innerStride, lines, width, target + i * (long)width, inner * (long)width);
        });
        else parallelFor(Parts(lines, width), panel =>
            Transpose(source + panel * width * lineStride, lineStride, Math.Min(width, lines - panel * width), inner, width, target + panel * (long)width * inner));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Distribute(float* source, int count, int width, float* target, long targetStride)
    {
        for (; count > 0; count -= width, source += width, target += targetStride)
        {
            var line = 0;
            for (; line <= Math.Min(count, width) - 4; line += 4) Vector128.Load(source + line).Store(target + line);
            for (; line < width; line++) target[line] = line < count ? source[line] : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(float* source, long lineStride, int count, int inner, int width, float* target)
    {
        if (count < width) new Span<float>(target, inner * width).Clear();
        // Some elements of all lines, then the next: what is written stays in the first cache until its lines are full.
        for (var first = 0; first < inner; first += PackedAtOnce)
        {
            var last = Math.Min(first + PackedAtOnce, inner);
            var line = 0;
            for (; line <= count - 4; line += 4)
            {
                float* l0 = source + line * lineStride, l1 = l0 + lineStride, l2 = l1 + lineStride, l3 = l2 + lineStride;
                var to = target + (long)first * width + line;
                for (var i = first; i < last; i++, to += width) Vector128.Create(l0[i], l1[i], l2[i], l3[i]).Store(to);
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
