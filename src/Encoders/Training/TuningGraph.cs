using LmmRec.Encoders.Architectures;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Training;

/// <summary>
/// An encoder as one graph that is tuned: fed what <see cref="TrainableEncoder.Pictures"/> and <see cref="TrainableEncoder.Texts"/> make, it gives
/// vectors to contrast and, for VLMo, the losses of the fused path. It holds the parameters that its losses reach and no others.
/// </summary>
/// <param name="Graph">both towers; parameters have values</param>
/// <param name="Contrasts">what is contrasted: one pair of vectors; for VLMo that of the expert path, then that behind the fusion experts</param>
/// <param name="IsFused">whether VLMo's other losses, those of <see cref="FusedLoss"/>, are among its outputs</param>
public sealed record TuningGraph(Graph Graph, IReadOnlyList<ContrastPair> Contrasts, bool IsFused)
{
    /// <summary>Adds a contrast's loss to the graph.</summary>
    /// <param name="pair">one of <see cref="Contrasts"/></param>
    /// <param name="images">[B, F]: the pair's own, or vectors that are fed</param>
    /// <param name="texts">[B, F]: the same</param>
    /// <returns>ITC, or the sigmoid loss where the pair has a bias; not weighted</returns>
    public Tensor Contrast(ContrastPair pair, Tensor images, Tensor texts) => pair.LogitBias is { } bias
        ? ContrastiveLoss.Sigmoid(images, texts, Parameter(pair.LogitScale), Parameter(bias))
        : ContrastiveLoss.Itc(images, texts, Parameter(pair.LogitScale));

    private Tensor Parameter(string name) => Graph.Parameters.First(p => p.Name == name).Tensor;
}

/// <summary>Vectors of pictures and of texts that a loss contrasts.</summary>
/// <param name="Images">the output of pictures [B, F], of any length</param>
/// <param name="Texts">the output of texts [B, F], of any length</param>
/// <param name="LogitScale">
/// the parameter ln(1 / temperature), of rank 0. Whoever trains it keeps it within 0 … <see cref="ContrastiveLoss.LargestLogitScale"/> after each update
/// </param>
/// <param name="LogitBias">the parameter that the sigmoid loss adds, of rank 0; null: the loss is ITC</param>
/// <param name="Weight">of the loss in the whole</param>
public sealed record ContrastPair(string Images, string Texts, string LogitScale, string? LogitBias, double Weight);
