using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>
/// Features that training goes on to change, as embeddings, projected to the width of the other embeddings.
/// </summary>
public sealed class Content(Graph g, Modality modality, int dimensions, Initializer? weights = null)
{
    private readonly Linear _projection = Linear.Of(g, $"{modality.Name}/projection", modality.Width, dimensions, weights);

    /// <summary><c>visual</c> or <c>textual</c></summary>
    public string Name => modality.Name;

    /// <summary>The features themselves, [I × F].</summary>
    public Tensor Features { get; } = modality.Table(g, trained: true);

    /// <summary>All items, [I × D].</summary>
    public Tensor All => _projection[Features];

    /// <summary>Some items, [n × D]; the others are not projected.</summary>
    public Tensor this[Tensor items] => _projection[Features[items]];

    /// <summary>The positives and the negatives of a batch, [B × D] each; no item is projected twice.</summary>
    public (Tensor Positives, Tensor Negatives) Of(TouchedItems items) => items.Split(_projection[items.Of(Features)]);
}
