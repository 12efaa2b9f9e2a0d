using System.ComponentModel.DataAnnotations;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>Options of <see cref="SlmRec"/>.</summary>
public sealed record SlmRecOptions : RecommenderOptions
{
    /// <summary>Layers of propagation, L; default 3; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 3;

    /// <summary>Weight of the alignment of modalities, α; default 0.1; 0 to 100.</summary>
    [Range(0.0, 100.0)]
    public double Alpha { get; init; } = 0.1;

    /// <summary>Temperature of the alignment, τ_s; default 0.2; 0.001 to 100.</summary>
    [Range(0.001, 100.0)]
    public double Temperature { get; init; } = 0.2;

    /// <summary>Temperature of the contrast of users and items, τ_m; default 0.2; 0.001 to 100.</summary>
    [Range(0.001, 100.0)]
    public double MainTemperature { get; init; } = 0.2;

    /// <inheritdoc/>
    public override double WeightDecay { get; init; } = 1e-4;
}

/// <summary>
/// SLMRec (Tao et al., 2022) as in MMRec, with its task FAC: users and items of a batch contrasted, and the channels of an item aligned in a fine
/// and then in a coarse space (docs/recommenders.md#slmrec).
/// </summary>
public sealed class SlmRec : Recommender<SlmRecOptions>
{
    private const int CoarseDivisor = 2;

    public override string Name => "slmrec";

    public override string Title => "SLMRec";

    public override bool UsesContent => true;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, SlmRecOptions options)
    {
        var channels = new Channels(g, catalogue, options.Dimensions);
        var r = catalogue.UserItems.Interactions(Normalization.Sym8).In(g, "interactions"); // [U, I]
        var view = channels.Propagate(r, options.Layers);

        var main = Losses.InfoNce(view.UsersAt(batch.Users).Normalize(), view.ItemsAt(batch.Positives).Normalize(), options.MainTemperature);
        var alignment = options.Alpha * Align(g, view, batch.Positives, catalogue, options);
        return new RecommenderGraph(
            main + alignment, new Dictionary<string, Tensor> { ["main"] = main, ["alignment"] = alignment }, view.AllUsers, view.AllItems);
    }

    // Maps upon maps without an activation between them, as in the original, whose audio step lay between the fine and the coarse space.
    private static Tensor Align(Graph g, View view, Tensor items, Catalogue catalogue, SlmRecOptions options)
    {
        int d = options.Dimensions, coarse = d / CoarseDivisor;
        Linear Head(string name, int width) => Linear.Of(g, $"align/{name}", d, width, Initializers.XavierUniform);

        Tensor At(int channel) => view.Channels[channel].Items[items]; // [B, D]

        var fine = Head("id-fine", d)[At(0)]; // [B, D]
        Tensor? loss = null;
        foreach (var (modality, channel) in catalogue.Modalities.Select((m, n) => (m, n + 1)))
        {
            var (own, other) = modality.IsVisual
                ? (fine, Head("visual-fine", d)[At(channel)]) // [B, D]
                : (Head("fine-coarse", coarse)[Head("fine-fine", d)[fine]], Head("textual-coarse", coarse)[At(channel)]); // [B, D/2]
            var part = Losses.InfoNce(own, other, options.Temperature);
            loss = loss is null ? part : loss + part;
        }
        return loss!;
    }
}
