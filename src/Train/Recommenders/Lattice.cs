using System.ComponentModel.DataAnnotations;
using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>Options of <see cref="Lattice"/>.</summary>
public sealed record LatticeOptions : RecommenderOptions
{
    /// <summary>Layers on the graph of users and items; default 2; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 2;

    /// <summary>Layers on the item graph, L_m; default 1; 1 to 4.</summary>
    [Range(1, 4)]
    public int ItemLayers { get; init; } = 1;

    /// <summary>Neighbours of an item in each modality, itself among them, k; default 10; 1 to 1000.</summary>
    [Range(1, 1000)]
    public int Neighbours { get; init; } = 10;

    /// <summary>Share of the graph of the features as they came, λ, beside that of the features as they are learned; default 0.9; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double FrozenShare { get; init; } = 0.9;

    /// <summary>Weight of the squares of the batch's vectors, ρ; default 0.00001; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double Reg { get; init; } = 1e-5;

    /// <inheritdoc/>
    public override double LearningRateDecay { get; init; } = 0.96;
}

/// <summary>
/// LATTICE (Zhang et al., 2021) as in MMRec: a graph of similar items that is learned, from features that are learned; built anew, and with a
/// gradient, in the first batch of each epoch, and constant in the others (docs/recommenders.md#lattice).
/// </summary>
public sealed class Lattice : Recommender<LatticeOptions>
{
    public override string Name => "lattice";

    public override bool UsesContent => true;

    public override bool LearnsItemGraph => true;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, LatticeOptions options)
    {
        var p = catalogue.UserTable(g, "user_embedding", options.Dimensions, Initializers.XavierUniform); // [U, D]
        var q = catalogue.ItemTable(g, "item_embedding", options.Dimensions, Initializers.XavierUniform); // [I, D]
        var walk = catalogue.UserItems.Walk(staying: true);
        var (toItems, toUsers) = walk.In(g, "interactions"); // [U, I], [I, U]
        var usersStay = g.Constant(TensorData.Of(walk.UserShares, catalogue.Users, 1), "interactions/users-stay"); // [U, 1]
        var itemsStay = g.Constant(TensorData.Of(walk.ItemShares, catalogue.Items, 1), "interactions/items-stay"); // [I, 1]
        var learned = new LearnedItemGraph(g, catalogue, options);

        var ((u, i), (userSum, itemSum)) = ((p, q), (p, q)); // [U, D], [I, D]
        for (var layer = 1; layer <= options.Layers; layer++)
        {
            (u, i) = (toItems * i + usersStay * u, toUsers * u + itemsStay * i);
            (userSum, itemSum) = (userSum + u, itemSum + i);
        }
        var (users, items) = (new LayerMean(userSum, options.Layers + 1), new LayerMean(itemSum, options.Layers + 1).All);

        // The same loss on two item graphs: one with a gradient, for the first batch of an epoch, and the same one as a constant for the others.
        RecommenderLoss Loss(Func<Tensor, Tensor> similar)
        {
            var all = items + Similar(similar); // [I, D]
            var (user, positive, negative) = (users[batch.Users], all[batch.Positives], all[batch.Negatives]); // [B, D]
            var bpr = Losses.BprLog(Losses.Score(user, positive), Losses.Score(user, negative));
            var reg = options.Reg * Losses.HalfSquares(user, positive, negative) / catalogue.BatchSize;
            return new RecommenderLoss(bpr + reg, new Dictionary<string, Tensor> { ["bpr"] = bpr, ["reg"] = reg });
        }
        Tensor Similar(Func<Tensor, Tensor> graph)
        {
            var h = q;
            for (var layer = 0; layer < options.ItemLayers; layer++) h = graph(h);
            return h.Normalize(); // [I, D]
        }
        var loss = Loss(learned.Times);
        return new RecommenderGraph(loss.Total, loss.Parts, users.All, items + Similar(learned.Times)) { LaterLoss = Loss(x => learned.AsConstant * x), Host = learned.Host };
    }
}
