using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>BPR-MF, the plain baseline: matrix factorisation without biases under the BPR loss (docs/recommenders.md#bpr).</summary>
public sealed class Bpr : Recommender<FactorizationOptions>
{
    public override string Name => "bpr";

    public override bool UsesContent => false;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, FactorizationOptions options)
    {
        var users = catalogue.UserTable(g, "user_embedding", options.Dimensions, Initializers.XavierNormal); // [U, d]
        var items = catalogue.ItemTable(g, "item_embedding", options.Dimensions, Initializers.XavierNormal); // [I, d]
        var (u, p, n) = (users[batch.Users], items[batch.Positives], items[batch.Negatives]);                // [B, d] each

        var ranking = Losses.Bpr(Losses.Score(u, p), Losses.Score(u, n));                                    // []
        var norms = options.Reg * Losses.Frobenius(u, p, n);                                                 // []
        return new RecommenderGraph(ranking + norms, new Dictionary<string, Tensor> { ["bpr"] = ranking, ["reg"] = norms }, users, items);
    }
}
