
namespace LmmRec.Graphs.Tests.Sparse;

/// <summary>LightGCN (He et al., 2020) of two layers with the peer's loss: BPR, and the norms of the batch's embeddings.</summary>
internal static class LightGcnGraph
{
    /// <summary>Inputs <c>users</c>, <c>positives</c>, <c>negatives</c> [batch]; output <c>loss</c>.</summary>
    public static Graph Build(int users, int items, SparsePattern pattern, float[] values, int d)
    {
        var g = new Graph("lightgcn");
        var u = g.Input("users", ElementType.Int64, ["batch"]);
        var p = g.Input("positives", ElementType.Int64, ["batch"]);
        var n = g.Input("negatives", ElementType.Int64, ["batch"]);
        var table = g.Concat(                                                       // [U + I, d]
            g.Parameter("user_embedding", [users, d], Initializers.XavierUniform),
            g.Parameter("item_embedding", [items, d], Initializers.XavierUniform));
        var adjacency = new SparseMatrix("adjacency", pattern, g.Constant(TensorData.Of(values), "adjacency/values"));
        var once = adjacency * table;
        var nodes = table + once + adjacency * once;                                // [U + I, d], three times the mean of the layers

        var who = g.Concat(u, p + users, n + users);                                // [3 · batch]
        var (user, positive, negative) = Thirds(nodes[who] / 3);                    // [batch, d] each
        var (ego, egoPositive, egoNegative) = Thirds(table[who]);
        var preference = (user * positive).ReduceSum([1]) - (user * negative).ReduceSum([1]);
        var norms = ego.ReduceL2() + egoPositive.ReduceL2() + egoNegative.ReduceL2();
        g.Output("loss", (-preference).Softplus().ReduceMean() + norms * 1e-2 / u.SizeOf(0).Cast(ElementType.Float32));
        return g;
    }

    private static (Tensor, Tensor, Tensor) Thirds(Tensor rows)
    {
        var parts = rows.Reshape([3, "batch", rows.Shape[1]]).Split(0, 1, 1, 1); // [1, batch, d] each
        return (parts[0].Squeeze(0), parts[1].Squeeze(0), parts[2].Squeeze(0));
    }
}
