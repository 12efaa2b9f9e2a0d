using System.ComponentModel.DataAnnotations;
using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>Hyper-parameters of <see cref="Bpr"/>.</summary>
public sealed record BprOptions : RecommenderOptions
{
    /// <summary>Weight λ of the regulariser; default 0.01; 0 to 100. MMRec's grid: 2, 1, 0.1, 0.01, 0.001, 0.0001, 0.00001.</summary>
    [Range(0.0, 100.0)]
    public double Reg { get; init; } = 1e-2;
}

/// <summary>BPR-MF, the plain baseline: matrix factorisation without biases under the BPR loss (spec recommenders 2).</summary>
public sealed class Bpr : Recommender<BprOptions>
{
    public override string Name => "bpr";

    public override bool UsesContent => false;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, BprOptions options)
    {
        var users = g.Parameter("user_embedding", [catalogue.Users, options.Dimensions], Initializers.XavierNormal); // [U, d]
        var items = g.Parameter("item_embedding", [catalogue.Items, options.Dimensions], Initializers.XavierNormal); // [I, d]
        var (u, p, n) = (users[batch.Users], items[batch.Positives], items[batch.Negatives]);                         // [B, d] each

        var ranking = Losses.Bpr(Losses.Score(u, p), Losses.Score(u, n));                                              // []
        var norms = options.Reg * Losses.Frobenius(u, p, n);                                                           // []
        return new RecommenderGraph(ranking + norms, new Dictionary<string, Tensor> { ["bpr"] = ranking, ["reg"] = norms }, users, items);
    }
}
