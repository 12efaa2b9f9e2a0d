using System.Numerics;
using System.Runtime.CompilerServices;
using LmmRec.Dense;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// The gradient of <see cref="Attention"/>, whose softmax it works out a second time: nothing of [T, S] leaves the second cache. Inputs: those of
/// <see cref="AttentionHeads"/>, dy [B, T, H, d]. Outputs: dq, dk, dv. Sums run over keys and over queries in their order.
/// </summary>
internal sealed unsafe class AttentionGradient() : Kernel(
    "AttentionGradient", [Slot.Float, Slot.Float, Slot.Float, Slot.Float, Slot.Float, Slot.Float], [Slot.Float, Slot.Float, Slot.Float])
{
    private const int Queries = AttentionHeads.Queries, Lines = AttentionHeads.Lines, Columns = ProductTile.Columns;

    public override void Compute(KernelContext context)
    {
        var heads = new AttentionHeads(context);
        var dy = context.Input<float>(5);
        if (!dy.Shape.AsSpan().SequenceEqual(heads.QueryShape)) throw new GraphException($"[{string.Join(", ", dy.Shape)}] is no gradient of [{string.Join(", ", heads.QueryShape)}]");
        Operand<float> dq = context.Output<float>(0, heads.QueryShape), dk = context.Output<float>(1, heads.KeyShape), dv = context.Output<float>(2, heads.KeyShape);
        context.ParallelFor(heads.Count, head =>
        {
            var (query, key) = (heads.Offset(head, heads.Tokens), heads.Offset(head, heads.Keys));
            Compute(heads, head, dy.Data + query, dq.Data + query, dk.Data + key, dv.Data + key);
        });
    }

    private static void Compute(in AttentionHeads heads, int head, float* dy, float* dq, float* dk, float* dv)
    {
        var (tokens, keys, width) = (heads.Tokens, heads.Keys, heads.Width);
        var (keyLines, widthLines, columns) = (heads.KeyPanels * Lines, heads.WidthPanels * Lines, Panels.Count(width, Columns) * Columns);
        using Workspace packed = new(2L * keyLines * width + (long)widthLines * keys + 2L * columns * tokens), whole = new(2L * keyLines * tokens);
        using Workspace block = new((2L * width + 2 * keyLines + widthLines + 1) * Queries);
        float* k = packed.Data, v = k + (long)keyLines * width, kColumns = v + (long)keyLines * width;                           // [panel][d][12] twice, [panel][S][12]
        float* qRows = kColumns + (long)widthLines * keys, dyRows = qRows + (long)columns * tokens;                              // [panel][T][32]
        float* weights = whole.Data, slopes = weights + (long)keyLines * tokens;                                                 // [panel][T][12]
        float* q = block.Data, gradient = q + width * Queries, scores = gradient + width * Queries, dScores = scores + keyLines * Queries; // [d or S][32]
        float* mixed = dScores + keyLines * Queries, totals = mixed + widthLines * Queries;
        heads.PackRows(heads.K(head), keys, k);
        heads.PackRows(heads.V(head), keys, v);
        heads.PackColumns(heads.K(head), keys, Lines, kColumns);
        heads.PackColumns(heads.Q(head), tokens, Columns, qRows);
        heads.PackColumns(dy, tokens, Columns, dyRows);
        for (var first = 0; first < tokens; first += Queries)
        {
            var count = Math.Min(Queries, tokens - first);
            heads.Weigh(head, k, first, q, scores, totals);
            AttentionHeads.DivideByTotals(scores, keys, totals);
            Panels.Gather(dy + first * heads.RowStride, heads.RowStride, count, width, Queries, gradient);
            AttentionHeads.Multiply(v, heads.KeyPanels, gradient, width, null, dScores);
            Differentiate(scores, dScores, keys, heads.Scale);
            AttentionHeads.Multiply(kColumns, heads.WidthPanels, dScores, keys, null, mixed);
            Panels.Transpose(mixed, Queries, width, count, dq + first * heads.RowStride, heads.RowStride);
            Keep(scores, keys, first, count, tokens, weights);
            Keep(dScores, keys, first, count, tokens, slopes);
        }
        OfKeys(heads, weights, dyRows, dv);
        OfKeys(heads, slopes, qRows, dk);
    }

    /// <summary>dScores = scale × scores (dScores − scores · dScores) for each query: the gradient of the unscaled product with the keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(float* scores, float* dScores, int keys, float scale)
    {
        var end = keys * Queries;
        for (var query = 0; query < Queries; query += Vector<float>.Count)
        {
            var sum = Vector<float>.Zero;
            for (var at = query; at < end; at += Queries) sum = Vector.FusedMultiplyAdd(Vector.Load(scores + at), Vector.Load(dScores + at), sum);
            for (var at = query; at < end; at += Queries)
                (Vector.Load(scores + at) * new Vector<float>(scale) * (Vector.Load(dScores + at) - sum)).Store(dScores + at);
        }
    }

    /// <summary>Copies [S, 32] for the products that sum over queries: [panel][T][12].</summary>
    private static void Keep(float* block, int keys, int first, int count, int tokens, float* whole)
    {
        for (var key = 0; key < keys; key += Lines)
        {
            var target = whole + (long)key * tokens + first * Lines;
            Panels.Gather(block + key * Queries, Queries, Math.Min(Lines, keys - key), count, Lines, target);
        }
    }

    /// <summary>y [S, d] = whole [panel][T][12] × rows [panel][T][32], sums over queries.</summary>
    private static void OfKeys(in AttentionHeads heads, float* whole, float* rows, float* y)
    {
        var edge = stackalloc float[Lines * Columns];
        for (var key = 0; key < heads.Keys; key += Lines)
            for (var column = 0; column < heads.Width; column += Columns)
            {
                var (lines, wide) = (Math.Min(Lines, heads.Keys - key), Math.Min(Columns, heads.Width - column));
                float* left = whole + (long)key * heads.Tokens, right = rows + (long)column * heads.Tokens, target = y + key * heads.RowStride + column;
                if (lines == Lines && wide == Columns)
                {
                    ProductTile.Compute(left, right, heads.Tokens, null, 0, target, heads.RowStride);
                    continue;
                }
                ProductTile.Compute(left, right, heads.Tokens, null, 0, edge, Columns);
                for (var line = 0; line < lines; line++) new Span<float>(edge + line * Columns, wide).CopyTo(new Span<float>(target + line * heads.RowStride, wide));
            }
    }
}
