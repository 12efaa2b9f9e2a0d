using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>Which MMGCL is trained.</summary>
public enum MmgclMode
{
    /// <summary>With both augmentations and the challenging negatives, as the paper describes it (docs/recommenders.md#mmgcl).</summary>
    Repaired,

    /// <summary>As the published code works: the view of edge dropout counts twice, masking and challenging negatives have no effect.</summary>
    Released,
}

/// <summary>How a modality is masked.</summary>
public enum MmgclMasking
{
    /// <summary>It is propagated on a graph without some of the nodes.</summary>
    NodeDropout,

    /// <summary>Its projected features are replaced by random ones.</summary>
    RandomFeatures,
}

/// <summary>Options of <see cref="Mmgcl"/>.</summary>
public sealed record MmgclOptions : RecommenderOptions
{
    /// <summary>Whether masking and challenging negatives take part; default repaired: they do.</summary>
    public MmgclMode Mode { get; init; } = MmgclMode.Repaired;

    /// <summary>How a modality is masked in repaired mode; default nodeDropout.</summary>
    public MmgclMasking Masking { get; init; } = MmgclMasking.NodeDropout;

    /// <summary>Layers of propagation, L; default 3; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 3;

    /// <summary>Share of edges, and of nodes, that a perturbed graph lacks, ρ; default 0.05; 0 to 0.99.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.05;

    /// <summary>Weight of the contrasts, α; default 0.4; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double Alpha { get; init; } = 0.4;

    /// <summary>Temperature of the contrasts, τ; default 0.2; 0.001 to 100.</summary>
    [Range(0.001, 100.0)]
    public double Temperature { get; init; } = 0.2;

    /// <inheritdoc/>
    public override double WeightDecay { get; init; } = 1e-4;
}

/// <summary>
/// MMGCL (Yi et al., 2022): ranking on the clean graph, and users contrasted with items in perturbed views of it that are drawn for every batch
/// (docs/recommenders.md#mmgcl).
/// </summary>
public sealed class Mmgcl : Recommender<MmgclOptions>
{
    private const double RankingEpsilon = 1e-5;
    private const double MaskDeviation = 0.1;

    public override string Name => "mmgcl";

    public override bool UsesContent => true;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, MmgclOptions options)
    {
        var (channels, graph) = (new Channels(g, catalogue, options.Dimensions), catalogue.UserItems);
        var interactions = graph.Interactions(Normalization.Sym0).In(g, "interactions"); // [U, I]
        var clean = channels.Propagate(interactions, options.Layers);

        var kept = g.Input("kept", ElementType.Float32, [graph.Edges]); // [E]
        var edgeView = channels.Propagate(interactions.With(kept), options.Layers);
        var host = new List<HostInput> { new(Refresh.Batch, [kept], state => [DropEdges(graph, options, state.Random)]) };

        var (u, i, j) = (batch.Users, batch.Positives, batch.Negatives);
        var user = clean.UsersAt(u); // [B, D]
        var bpr = Losses.Bpr(Losses.Score(user, clean.ItemsAt(i)), Losses.Score(user, clean.ItemsAt(j)), RankingEpsilon);
        Tensor contrast;
        if (options.Mode == MmgclMode.Released)
            contrast = 2 * Losses.InfoNce(edgeView.UsersAt(u).Normalize(), edgeView.ItemsAt(i).Normalize(), options.Temperature);
        else
        {
            // A challenging negative is the positive item with one channel taken from the negative: the last one; in the masking view, all but that of the id.
            var last = channels.Items.Count - 1;
            contrast = Contrast(edgeView, n => n == last)
                + Contrast(Masked(g, channels, clean, interactions, catalogue, options, host), n => n > 0);
        }
        var loss = options.Alpha * contrast;
        return new RecommenderGraph(bpr + loss, new Dictionary<string, Tensor> { ["bpr"] = bpr, ["contrast"] = loss }, clean.AllUsers, clean.AllItems) { Host = host };

        Tensor Contrast(View view, Func<int, bool> fromNegative) => Losses.InfoNce(
            view.UsersAt(u).Normalize(), view.ItemsAt(i).Normalize(), options.Temperature,
            view.ItemsAt([.. channels.Items.Select((_, n) => fromNegative(n) ? j : i)]).Normalize());
    }

    /// <summary>The view in which one modality, drawn for each batch, is masked.</summary>
    private static View Masked(Graph g, Channels channels, View clean, SparseMatrix interactions, Catalogue catalogue, MmgclOptions options, List<HostInput> host)
    {
        var modalities = channels.Items.Count - 1;
        var chosen = g.Input("masked", ElementType.Float32, [modalities]); // 1 for the masked modality, 0 for the other
        host.Add(new HostInput(Refresh.Batch, [chosen], state => [TensorData.Of(OneOf(modalities, state.Random))]));
        Tensor Is(int modality) => chosen.Slice(0, modality, modality + 1); // [1]

        (LayerMean Users, LayerMean Items) masked;
        if (options.Masking == MmgclMasking.NodeDropout)
        {
            var kept = g.Input("masked-kept", ElementType.Float32, [catalogue.UserItems.Edges]); // [E]
            host.Add(new HostInput(Refresh.Batch, [kept], state => [DropNodes(catalogue.UserItems, options, state.Random)]));
            var table = Enumerable.Range(0, modalities).Select(m => Is(m) * channels.Items[m + 1]).Aggregate((a, b) => a + b); // [I, D]
            masked = Propagation.Light(channels.Users, table, interactions.With(kept), options.Layers);
        }
        else
        {
            var random = g.Input("masked-features", ElementType.Float32, [catalogue.Items, options.Dimensions]); // [I, D]
            host.Add(new HostInput(Refresh.Batch, [random], state => [Noise(catalogue.Items, options.Dimensions, state.Random)]));
            masked = Propagation.Light(channels.Users, random, interactions, options.Layers);
        }
        return channels.View([clean.Channels[0], .. Enumerable.Range(0, modalities).Select(m => (
            Either(m, masked.Users, clean.Channels[m + 1].Users), Either(m, masked.Items, clean.Channels[m + 1].Items)))]);

        LayerMean Either(int modality, LayerMean ifMasked, LayerMean ifNot) =>
            ifNot with { Sum = Is(modality) * ifMasked.Sum + (1 - Is(modality)) * ifNot.Sum };
    }

    private static TensorData DropEdges(UserItemGraph graph, MmgclOptions options, SeededRandom random) =>
        TensorData.Of(graph.ValuesOf(Drawing.Uniform(graph.Edges, (int)(graph.Edges * (1 - options.Dropout)), random), Normalization.Sym0));

    private static TensorData DropNodes(UserItemGraph graph, MmgclOptions options, SeededRandom random)
    {
        var users = Drawing.Uniform(graph.Users, graph.Users - (int)(graph.Users * options.Dropout), random);
        var items = Drawing.Uniform(graph.Items, graph.Items - (int)(graph.Items * options.Dropout), random);
        return TensorData.Of(graph.ValuesOf(graph.EdgesBetween(users, items), Normalization.Sym0));
    }

    private static float[] OneOf(int count, SeededRandom random)
    {
        var chosen = new float[count];
        chosen[random.NextInt32(count)] = 1;
        return chosen;
    }

    private static TensorData Noise(int items, int dimensions, SeededRandom random)
    {
        var values = new float[items * dimensions];
        foreach (ref var value in values.AsSpan()) value = (float)(random.NextNormal() * MaskDeviation);
        return TensorData.Of(values, items, dimensions);
    }
}
