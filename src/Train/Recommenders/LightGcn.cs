using System.ComponentModel.DataAnnotations;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>Options of <see cref="LightGcn"/>.</summary>
public sealed record LightGcnOptions : RecommenderOptions
{
    /// <summary>Layers of propagation, L; default 2; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 2;

    /// <summary>Weight of the norms of the batch's embeddings, λ; default 0.001; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double Reg { get; init; } = 1e-3;
}

/// <summary>
/// LightGCN (He et al., 2020) as in MMRec: embeddings, averaged over layers of a propagation without weights (docs/recommenders.md#lightgcn).
/// </summary>
public sealed class LightGcn : Recommender<LightGcnOptions>
{
    public override string Name => "lightgcn";

    public override string Title => "LightGCN";

    public override bool UsesContent => false;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, LightGcnOptions options)
    {
        var p = catalogue.UserTable(g, "user_embedding", options.Dimensions, Initializers.XavierUniform); // [U, D]
        var q = catalogue.ItemTable(g, "item_embedding", options.Dimensions, Initializers.XavierUniform); // [I, D]
        var r = catalogue.UserItems.Interactions(Normalization.Sym).In(g, "interactions"); // [U, I]

        var (users, items) = Propagation.Light(p, q, r, options.Layers); // [U, D], [I, D]

        var u = users[batch.Users]; // [B, D]
        var bpr = Losses.Bpr(Losses.Score(u, items[batch.Positives]), Losses.Score(u, items[batch.Negatives]));
        var reg = options.Reg * Losses.Frobenius(p[batch.Users], q[batch.Positives], q[batch.Negatives]);
        return new RecommenderGraph(bpr + reg, new Dictionary<string, Tensor> { ["bpr"] = bpr, ["reg"] = reg }, users.All, items.All);
    }
}
