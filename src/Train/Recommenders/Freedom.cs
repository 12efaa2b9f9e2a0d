using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>Options of <see cref="Freedom"/>.</summary>
public sealed record FreedomOptions : RecommenderOptions
{
    /// <summary>Layers on the graph of users and items; default 2; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 2;

    /// <summary>Share of the edges that an epoch trains without, ρ; default 0.8; 0 to 0.99.</summary>
    [Range(0.0, 0.99)]
    public double Pruning { get; init; } = 0.8;

    /// <summary>Weight of the ranking by one modality alone, λ; default 0.001; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double Reg { get; init; } = 1e-3;

    /// <summary>Neighbours of an item in the item graph of a modality, itself among them, k; default 10; 1 to 1000.</summary>
    [Range(1, 1000)]
    public int Neighbours { get; init; } = 10;

    /// <summary>Share of the visual item graph where there are two; default 0.1; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double VisualShare { get; init; } = 0.1;
}

/// <summary>
/// FREEDOM (Zhou and Shen, 2023) as in MMRec: a frozen graph of similar items, and in each epoch a part of the interactions, drawn so that
/// those of popular nodes are left out more often (docs/recommenders.md#freedom).
/// </summary>
public sealed class Freedom : Recommender<FreedomOptions>
{
    public override string Name => "freedom";

    public override bool UsesContent => true;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, FreedomOptions options)
    {
        var p = catalogue.UserTable(g, "user_embedding", options.Dimensions, Initializers.XavierUniform); // [U, D]
        var q = catalogue.ItemTable(g, "item_embedding", options.Dimensions, Initializers.XavierUniform); // [I, D]
        var content = catalogue.Modalities.Select(m => new Content(g, m, options.Dimensions)).ToList();
        var similar = FrozenGraph(catalogue, options).In(g, "similar"); // [I, I]
        var graph = catalogue.UserItems;
        var all = graph.Interactions(Normalization.Sym).In(g, "interactions"); // [U, I]
        var kept = g.Input("kept", ElementType.Float32, [graph.Edges]); // [E]

        var h = similar * q; // [I, D]
        var (z, items) = Propagation.Light(p, q, all.With(kept), options.Layers); // [U, D], [I, D]
        var similarToo = items.All + h; // [I, D]
        var (u, i, j) = (z[batch.Users], similarToo[batch.Positives], similarToo[batch.Negatives]); // [B, D]
        var bpr = Losses.BprLog(Losses.Score(u, i), Losses.Score(u, j));
        var touched = new TouchedItems(g);
        var alone = content.Select(m => m.Of(touched)).Select(m => Losses.BprLog(Losses.Score(u, m.Positives), Losses.Score(u, m.Negatives))).Aggregate((a, b) => a + b) * options.Reg;

        var (users, allItems) = Propagation.Light(p, q, all, options.Layers); // [U, D], [I, D]
        return new RecommenderGraph(bpr + alone, new Dictionary<string, Tensor> { ["bpr"] = bpr, ["modalities"] = alone }, users.All, allItems.All + h)
        {
            Host = [new HostInput(Refresh.Epoch, [kept], state => [Prune(graph, options, state.Random)]), touched.Host],
        };
    }

    /// <summary>The values of the edges of one epoch, normalised over themselves, [E].</summary>
    private static TensorData Prune(UserItemGraph graph, FreedomOptions options, SeededRandom random)
    {
        var kept = Drawing.Weighted(graph.EdgeWeights(), (int)(graph.Edges * (1 - options.Pruning)), random);
        return TensorData.Of(graph.ValuesOf(kept, Normalization.Sym));
    }

    private static CsrMatrix FrozenGraph(Catalogue catalogue, FreedomOptions options)
    {
        var graphs = catalogue.Modalities.Select(m => ItemGraph.NormalizedWithEpsilon(catalogue.Neighbours(m.Features, options.Neighbours).Graph(binary: true))).ToList();
        return graphs.Count == 1 ? graphs[0] : CsrMatrix.Sum((float)options.VisualShare, graphs[0], (float)(1 - options.VisualShare), graphs[1]);
    }
}
