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
/// Y = A B + c for large matrices: both are copied into the order in which tiles read them, B once and A a block at a time by the thread that
/// multiplies it. Sums run over the inner dimension in its order, whatever the threads.
/// </summary>
internal static unsafe class DenseProduct
{
    private const int MaxInner = 768; // of a block: 48 rows of it and 32 columns are 250 KB, which a core's second cache holds
    private const int BlockRows = 4 * ProductTile.Rows;
    private const int PackedAtOnce = 64;

    public static void Compute(MatrixView a, MatrixView b, float* bias, float* y, Action<int, Action<int>> parallelFor)
    {
        var panels = (b.Columns + ProductTile.Columns - 1) / ProductTile.Columns;
        using var copy = new Workspace(panels * (long)ProductTile.Columns * b.Rows);
        var packed = copy.Data; // [inner block][panel][inner][32]
        parallelFor(panels, panel =>
        {
            for (var start = 0; start < b.Rows; start += MaxInner)
            {
                var inner = Math.Min(MaxInner, b.Rows - start);
                var target = packed + (start * (long)panels + panel * (long)inner) * ProductTile.Columns;
                Pack(b.Data + start * b.RowStride + panel * (long)ProductTile.Columns * b.ColumnStride, b.ColumnStride, b.RowStride,
                    Math.Min(ProductTile.Columns, b.Columns - panel * ProductTile.Columns), inner, ProductTile.Columns, target);
            }
        });
        parallelFor((a.Rows + BlockRows - 1) / BlockRows, block => Multiply(block * BlockRows, a, packed, b.Columns, bias, y));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(int firstRow, MatrixView a, float* packed, int columns, float* bias, float* y)
    {
        const int R = ProductTile.Rows, C = ProductTile.Columns;
        var (end, panels) = (Math.Min(firstRow + BlockRows, a.Rows), (columns + C - 1) / C);
        using var copy = new Workspace((long)BlockRows * Math.Min(MaxInner, a.Columns) + R * C + C);
        var edge = copy.Data + (long)BlockRows * Math.Min(MaxInner, a.Columns);
        for (var start = 0; start < a.Columns; start += MaxInner)
        {
            var inner = Math.Min(MaxInner, a.Columns - start);
            for (var row = firstRow; row < end; row += R)
                Pack(a.Data + row * a.RowStride + start * a.ColumnStride, a.RowStride, a.ColumnStride, Math.Min(R, end - row), inner, R, copy.Data + (row - firstRow) * (long)inner);
            for (var panel = 0; panel < panels; panel++)
            {
                var b = packed + (start * (long)panels + panel * (long)inner) * C;
                var width = Math.Min(C, columns - panel * C);
                for (var row = firstRow; row < end; row += R)
                {
                    var target = y + (long)row * columns + panel * C;
                    var left = copy.Data + (row - firstRow) * (long)inner;
                    var add = start > 0 ? target : bias is null ? null : bias + panel * C;
                    var stride = start > 0 ? columns : 0;
                    if (width == C && end - row >= R) ProductTile.Compute(left, b, inner, add, stride, target, columns);
                    else
                    {
                        ProductTile.Compute(left, b, inner, null, 0, edge, C);
                        for (var r = 0; r < Math.Min(R, end - row); r++)
                            for (var c = 0; c < width; c++) target[(long)r * columns + c] = edge[r * C + c] + (add is null ? 0 : add[r * stride + c]);
                    }
                }
            }
        }
    }

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
