using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>
/// Features that training goes on to change, as embeddings, projected to the width of the other embeddings.
/// </summary>
public sealed class Content(Graph g, Modality modality, int dimensions, Initializer? weights = null)
{
    private readonly Tensor _features = modality.Table(g, trained: true); // [I, F]
    private readonly Linear _projection = Linear.Of(g, $"{modality.Name}/projection", modality.Width, dimensions, weights);

    /// <summary><c>visual</c> or <c>textual</c></summary>
    public string Name => modality.Name;

    /// <summary>All items, [I × D].</summary>
    public Tensor All => _projection[_features];

    /// <summary>Some items, [n × D]; the others are not projected.</summary>
    public Tensor this[Tensor items] => _projection[_features[items]];

    /// <summary>The positives and the negatives of a batch, [B × D] each; no item is projected twice.</summary>
    public (Tensor Positives, Tensor Negatives) Of(TouchedItems items) => items.Split(_projection[items.Of(_features)]);
}
