using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>What a recommender is built for.</summary>
/// <param name="Users">U</param>
/// <param name="Items">I</param>
/// <param name="Visual">visual features [I × F_v]; null where the case does not use them</param>
/// <param name="Textual">textual features [I × F_t]; null where the case does not use them</param>
public sealed record Catalogue(int Users, int Items, FeatureMatrix? Visual, FeatureMatrix? Textual)
{
    /// <summary>The raw features of all modalities side by side, text first, as a table that training does not change: [I, F].</summary>
    public Tensor Features(Graph g)
    {
        FeatureMatrix[] parts = [.. new[] { Textual, Visual }.OfType<FeatureMatrix>()];
        var width = parts.Sum(part => part.Width);
        var values = new float[(long)Items * width];
        var column = 0;
        foreach (var part in parts)
        {
            for (var item = 0; item < Items; item++)
                part.Values.AsSpan(item * part.Width, part.Width).CopyTo(values.AsSpan(item * width + column));
            column += part.Width;
        }
        return g.Parameter("item_features", TensorData.Of(values, Items, width), trainable: false);
    }
}
