using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>
/// VBPR as in MMRec (docs/recommenders.md#vbpr): half of an item's vector is learned, the other half is a linear map of its raw features; text comes
/// first where both modalities are used.
/// </summary>
public sealed class Vbpr : Recommender<FactorizationOptions>
{
    public override string Name => "vbpr";

    public override bool UsesContent => true;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, FactorizationOptions options)
    {
        var d = options.Dimensions;
        Modality[] modalities = [.. catalogue.Modalities.Reverse()];                                         // text first
        var features = Array.ConvertAll(modalities, m => m.Table(g, trained: false));                        // [I, F_m] each
        var users = catalogue.UserTable(g, "user_embedding", 2 * d, Initializers.XavierUniform);             // [U, 2d]
        var items = catalogue.ItemTable(g, "item_embedding", d, Initializers.XavierUniform);                 // [I, d]
        var linear = new Linear(
            g.Parameter("item_linear.weight", [d, modalities.Sum(m => m.Width)], Initializers.XavierNormal), // [d, F]
            g.Parameter("item_linear.bias", [d], Initializers.Zeros));                                       // [d]

        Tensor Vectors(Tensor table, params Tensor[] x) => g.Concat(1, table, linear.Over(x));               // [n, 2d]
        // Only the rows of the batch are projected: the loss reaches no others.
        var touched = new TouchedItems(g);
        var u = users[batch.Users];                                                                          // [B, 2d]
        var (p, n) = touched.Split(Vectors(touched.Of(items), Array.ConvertAll(features, touched.Of)));      // [B, 2d] each

        var ranking = Losses.Bpr(Losses.Score(u, p), Losses.Score(u, n));                                    // []
        var norms = options.Reg * Losses.Frobenius(u, p, n);                                                 // []
        return new RecommenderGraph(ranking + norms, new Dictionary<string, Tensor> { ["bpr"] = ranking, ["reg"] = norms }, users, Vectors(items, features)) { Host = [touched.Host] };
    }
}
