using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>
/// The features of a modality, projected to the width of embeddings. Only the rows that a batch touches are projected.
/// </summary>
public sealed class Content
{
    private readonly Linear _projection;

    /// <param name="g">the graph</param>
    /// <param name="modality">the features, before training</param>
    /// <param name="dimensions">D</param>
    /// <param name="weights">how the projection is drawn; null: as a default linear layer</param>
    /// <param name="trained">whether features are learned further, as embeddings that begin as the features</param>
    public Content(Graph g, Modality modality, int dimensions, Initializer? weights = null, bool trained = true)
    {
        Name = modality.Name;
        Features = g.Parameter($"{modality.Name}/features", TensorData.Of(modality.Features.Values, modality.Features.Items, modality.Features.Width), trained);
        _projection = Linear.Of(g, $"{modality.Name}/projection", modality.Features.Width, dimensions, weights);
    }

    /// <summary><c>visual</c> or <c>textual</c></summary>
    public string Name { get; }

    /// <summary>[I × F]</summary>
    public Tensor Features { get; }

    /// <summary>All items projected, [I × D].</summary>
    public Tensor All => _projection[Features];

    /// <summary>Some items projected, [n × D].</summary>
    public Tensor this[Tensor items] => _projection[Features[items]];
}
