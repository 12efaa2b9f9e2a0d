using System.Numerics;
using System.Runtime.CompilerServices;
using LmmRec.Dense;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// softmax(s q kᵀ + bias) v per head. Inputs: q [B, T, H, d], k and v [B, S, H, d], s [], bias, which broadcasts to [B, H, T, S]. Output: [B, T, H, d].
/// 32 queries at a time meet all keys. Their scores stay in the first cache, those of a query below each other: so the softmax needs no sums across a
/// vector, and the product with v reads its result as it lies. Sums run over the keys in their order, whatever stands beside a query.
/// </summary>
internal sealed unsafe class Attention() : Kernel("Attention", [Slot.Float, Slot.Float, Slot.Float, Slot.Float, Slot.Float], [Slot.Float])
{
    private const int Queries = ProductTile.Columns, Lines = ProductTile.Rows;

    public override void Compute(KernelContext context)
    {
        Operand<float> q = context.Input<float>(0), k = context.Input<float>(1), v = context.Input<float>(2), bias = context.Input<float>(4);
        if (q.Shape is not [var batch, var tokens, var heads, var width] || k.Shape.Length != 4 || !k.Shape.AsSpan().SequenceEqual(v.Shape) || !k.Shape.AsSpan().SequenceEqual([batch, k.Shape[1], heads, width]))
            throw new GraphException($"queries [{string.Join(", ", q.Shape)}] do not fit keys [{string.Join(", ", k.Shape)}] and values [{string.Join(", ", v.Shape)}]");
        var keys = k.Shape[1];
        var strides = BroadcastStrides(bias.Shape, [batch, heads, tokens, keys]);
        var y = context.Output<float>(0, q.Shape);
        var scale = context.Input<float>(3).Data[0];
        context.ParallelFor(checked((int)(batch * heads)), pair =>
        {
            var (b, h) = Math.DivRem(pair, heads);
            var (query, key) = (b * tokens * heads * width + h * width, b * keys * heads * width + h * width);
            var head = new Head(q.Data + query, k.Data + key, v.Data + key, y.Data + query, (int)tokens, (int)keys, (int)width, heads * width, scale);
            Compute(head, bias.Length == 1 ? null : bias.Data + b * strides[0] + h * strides[1], strides[2], strides[3]); // the same number for all changes nothing
        });
    }

    /// <summary>One head of one example; <paramref name="rowStride"/> is the distance of tokens in memory.</summary>
    private readonly struct Head(float* q, float* k, float* v, float* y, int tokens, int keys, int width, long rowStride, float scale)
    {
        public readonly float* Q = q, K = k, V = v, Y = y;
        public readonly int Tokens = tokens, Keys = keys, Width = width;
        public readonly long RowStride = rowStride;
        public readonly float Scale = scale;
    }

    private static void Compute(Head head, float* bias, long biasRow, long biasColumn)
    {
        var (keys, width) = (head.Keys, head.Width);
        int keyPanels = Panels.Count(keys, Lines), widthPanels = Panels.Count(width, Lines);
        using Workspace packed = new((keyPanels * (long)width + widthPanels * (long)keys) * Lines), block = new((width + (keyPanels + widthPanels) * Lines + 1L) * Queries);
        float* k = packed.Data, v = k + keyPanels * (long)Lines * width;                                                                        // [panel][d][12], [panel][S][12]
        float* q = block.Data, scores = q + width * Queries, mixed = scores + keyPanels * Lines * Queries, totals = mixed + widthPanels * Lines * Queries; // [d, S, d or 1][32]
        for (var panel = 0; panel < keyPanels; panel++)
            Panels.Gather(head.K + panel * Lines * head.RowStride, head.RowStride, Math.Min(Lines, keys - panel * Lines), width, Lines, k + panel * (long)Lines * width);
        for (var key = 0; key < keys; key++) Panels.Distribute(head.V + key * head.RowStride, width, Lines, v + key * Lines, (long)Lines * keys);

        for (var first = 0; first < head.Tokens; first += Queries)
        {
            var count = Math.Min(Queries, head.Tokens - first);
            Panels.Gather(head.Q + first * head.RowStride, head.RowStride, count, width, Queries, q);
            VectorMath.Scale(q, width * Queries, head.Scale);
            if (bias is not null) Lay(bias + first * biasRow, biasRow, biasColumn, keys, count, scores);
            for (var panel = 0; panel < keyPanels; panel++)
            {
                var tile = scores + panel * Lines * Queries;
                ProductTile.Compute(k + panel * (long)Lines * width, q, width, bias is null ? null : tile, Queries, tile, Queries);
            }
            Exponentiate(scores, keys, totals);
            for (var panel = 0; panel < widthPanels; panel++)
                ProductTile.Compute(v + panel * (long)Lines * keys, scores, keys, null, 0, mixed + panel * Lines * Queries, Queries);
            Divide(mixed, width, totals);
            Panels.Transpose(mixed, Queries, width, count, head.Y + first * head.RowStride, head.RowStride);
        }
    }

    /// <summary>scores[key, query] = bias[query, key]</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lay(float* bias, long row, long column, int keys, int count, float* scores)
    {
        if (row == 0)
            for (var key = 0; key < keys; key++) new Span<float>(scores + key * Queries, Queries).Fill(bias[key * column]);
        else if (column == 1) Panels.Gather(bias, row, count, keys, Queries, scores);
        else
            for (var query = 0; query < Queries; query++)
                for (var key = 0; key < keys; key++) scores[key * Queries + query] = query < count ? bias[query * row] : 0;
    }

    /// <summary>scores[key, query] = e^(scores[key, query] − the query's largest), 0 where that is −∞, and the sums over keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exponentiate(float* scores, int keys, float* totals)
    {
        var end = scores + keys * Queries;
        for (var query = 0; query < Queries; query += Vector<float>.Count)
        {
            var largest = new Vector<float>(float.NegativeInfinity);
            for (var at = scores + query; at < end; at += Queries) largest = Vector.Max(largest, Vector.Load(at));
            var total = Vector<float>.Zero;
            for (var at = scores + query; at < end; at += Queries)
            {
                var x = Vector.Load(at) - largest;
                var power = Vector.ConditionalSelect(Vector.Equals(x, new Vector<float>(float.NegativeInfinity)), Vector<float>.Zero, VectorMath.Exp(x));
                total += power;
                power.Store(at);
            }
            total.Store(totals + query);
        }
    }

    /// <summary>mixed[i, query] /= totals[query]</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Divide(float* mixed, int width, float* totals)
    {
        for (var query = 0; query < Queries; query += Vector<float>.Count)
        {
            var inverse = Vector<float>.One / Vector.Load(totals + query);
            for (float* at = mixed + query, end = mixed + width * Queries; at < end; at += Queries) (Vector.Load(at) * inverse).Store(at);
        }
    }

    private static long[] BroadcastStrides(long[] shape, long[] whole)
    {
        var (strides, stride) = (new long[whole.Length], 1L);
        if (shape.Length > whole.Length) throw Misfit();
        for (var (i, axis) = (shape.Length - 1, whole.Length - 1); i >= 0; i--, axis--)
        {
            if (shape[i] != whole[axis] && shape[i] != 1) throw Misfit();
            strides[axis] = shape[i] == 1 ? 0 : stride;
            stride *= shape[i];
        }
        return strides;

        GraphException Misfit() => new($"a bias [{string.Join(", ", shape)}] does not broadcast to scores [{string.Join(", ", whole)}]");
    }
}
