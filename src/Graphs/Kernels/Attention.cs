namespace LmmRec.Graphs.Kernels;

/// <summary>
/// softmax(s q kᵀ + bias) v per head. Inputs: those of <see cref="AttentionHeads"/>. Output: [B, T, H, d]. The product with v reads the softmax as it lies. Sums
/// run over the keys in their order, whatever stands beside a query.
/// </summary>
internal sealed unsafe class Attention() : Kernel("Attention", [Slot.Float, Slot.Float, Slot.Float, Slot.Float, Slot.Float], [Slot.Float])
{
    private const int Queries = AttentionHeads.Queries, Lines = AttentionHeads.Lines;

    public override void Compute(KernelContext context)
    {
        var heads = new AttentionHeads(context);
        var y = context.Output<float>(0, heads.QueryShape);
        context.ParallelFor(heads.Count, head => Compute(heads, head, y.Data + heads.Offset(head, heads.Tokens)));
    }

    private static void Compute(in AttentionHeads heads, int head, float* y)
    {
        var (keys, width) = (heads.Keys, heads.Width);
        using Workspace packed = new((heads.KeyPanels * (long)width + heads.WidthPanels * (long)keys) * Lines), block = new((width + (heads.KeyPanels + heads.WidthPanels) * Lines + 1L) * Queries);
        float* k = packed.Data, v = k + heads.KeyPanels * (long)Lines * width;                                                                          // [panel][d][12], [panel][S][12]
        float* q = block.Data, scores = q + width * Queries, mixed = scores + heads.KeyPanels * Lines * Queries, totals = mixed + heads.WidthPanels * Lines * Queries; // [d, S, d or 1][32]
        heads.PackRows(heads.K(head), keys, k);
        heads.PackColumns(heads.V(head), keys, Lines, v);
        for (var first = 0; first < heads.Tokens; first += Queries)
        {
            heads.Weigh(head, k, first, q, scores, totals);
            AttentionHeads.Multiply(v, heads.WidthPanels, scores, keys, null, mixed);
            AttentionHeads.DivideByTotals(mixed, width, totals);
            Panels.Transpose(mixed, Queries, width, Math.Min(Queries, heads.Tokens - first), y + first * heads.RowStride, heads.RowStride);
        }
    }
}
