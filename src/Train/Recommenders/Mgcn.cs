using System.ComponentModel.DataAnnotations;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>Options of <see cref="Mgcn"/>.</summary>
public sealed record MgcnOptions : RecommenderOptions
{
    /// <summary>Layers on the graph of users and items; default 2; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 2;

    /// <summary>Weight of the squares of the batch's vectors, ρ; default 0.0001; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double Reg { get; init; } = 1e-4;

    /// <summary>Weight of the contrast of side and content, κ; default 0.01; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double ContrastWeight { get; init; } = 1e-2;

    /// <summary>Temperature of the contrast; default 0.2; 0.001 to 100.</summary>
    [Range(0.001, 100.0)]
    public double Temperature { get; init; } = 0.2;

    /// <summary>Neighbours of an item in the item graph of a modality, itself among them, k; default 10; 1 to 1000.</summary>
    [Range(1, 1000)]
    public int Neighbours { get; init; } = 10;

    /// <inheritdoc/>
    public override double LearningRateDecay { get; init; } = 0.96;
}

/// <summary>
/// MGCN (Yu et al., 2023) as in MMRec: modalities purified by behaviour, propagated over graphs of similar items, and fused by what a user prefers
/// (docs/recommenders.md#mgcn).
/// </summary>
public sealed class Mgcn : Recommender<MgcnOptions>
{
    public override string Name => "mgcn";

    public override bool UsesContent => true;

    public override bool NeedsBothModalities => true;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, MgcnOptions options)
    {
        var d = options.Dimensions;
        var p = catalogue.UserTable(g, "user_embedding", d, Initializers.XavierUniform); // [U, D]
        var q = catalogue.ItemTable(g, "item_embedding", d, Initializers.XavierUniform); // [I, D]
        var query = Linear.Of(g, "attention/query", d, d);
        var score = g.Parameter("attention/score", [1, d], Initializers.Linear(d)); // [1, D]
        var r = catalogue.UserItems.Interactions(Normalization.Sym0).In(g, "interactions"); // [U, I]

        var (contentUsers, contentItems) = Propagation.Light(p, q, r, options.Layers);
        var content = g.Concat(0, contentUsers.All, contentItems.All); // [N, D]

        // Behaviour decides what of a modality passes; users are what their items are.
        var views = catalogue.Modalities.Select(m =>
        {
            var similar = ItemGraph.Normalized(catalogue.Neighbours(m.Features, options.Neighbours).Graph(binary: false)).In(g, $"{m.Name}/similar"); // [I, I]
            var purified = q * Linear.Of(g, $"{m.Name}/gate", d, d)[new Content(g, m, d).All].Sigmoid(); // [I, D]
            var items = similar * purified; // [I, D]
            return (m.Name, Nodes: g.Concat(0, r * items, items)); // [N, D]
        }).ToList();

        var attention = g.Concat(1, [.. views.Select(v => query[v.Nodes].Tanh().MatMul(score.TransposeLast()))]).Softmax(1).Split(1, [.. views.Select(_ => 1L)]); // [N, 1] each
        var common = views.Select((v, m) => attention[m] * v.Nodes).Aggregate((a, b) => a + b); // [N, D]
        var specific = views.Select(v => Linear.Of(g, $"{v.Name}/preference", d, d)[content].Sigmoid() * (v.Nodes - common)).Aggregate((a, b) => a + b); // [N, D]
        var side = (specific + common) / 3; // [N, D]
        var z = content + side; // [N, D]

        var (users, items) = catalogue.Split(z); // [U, D], [I, D]
        var (sideUsers, sideItems) = catalogue.Split(side);
        var (u, i, j) = (users[batch.Users], items[batch.Positives], items[batch.Negatives]); // [B, D]
        var bpr = Losses.BprLog(Losses.Score(u, i), Losses.Score(u, j));
        var reg = options.Reg * Losses.HalfSquares(u, i, j) / catalogue.BatchSize;
        var contrast = options.ContrastWeight * (
            Losses.InfoNce(sideItems[batch.Positives].Normalize(), contentItems[batch.Positives].Normalize(), options.Temperature)
            + Losses.InfoNce(sideUsers[batch.Users].Normalize(), contentUsers[batch.Users].Normalize(), options.Temperature));
        return new RecommenderGraph(bpr + reg + contrast, new Dictionary<string, Tensor> { ["bpr"] = bpr, ["reg"] = reg, ["contrast"] = contrast }, users, items);
    }
}
