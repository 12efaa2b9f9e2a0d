using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>The features of one slot.</summary>
/// <param name="IsVisual">the visual slot, else the textual one, which takes any vector</param>
/// <param name="Features">[I × F]</param>
/// <param name="Encoded">an encoder that is trained with the recommender makes them anew, so that no recommender changes them (docs/recommenders.md#end-to-end)</param>
public sealed record Modality(bool IsVisual, FeatureMatrix Features, bool Encoded = false)
{
    /// <summary><c>visual</c> or <c>textual</c></summary>
    public string Name => IsVisual ? "visual" : "textual";

    /// <summary>F</summary>
    public int Width => Features.Width;

    /// <summary>The name of the table in the graph.</summary>
    public string TableName => $"{Name}/features";

    /// <summary>The features as a table of the graph, [I × F]; with <paramref name="trained"/> they are where embeddings begin, unless an encoder makes them.</summary>
    public Tensor Table(Graph g, bool trained) => g.Parameter(TableName, TensorData.Of(Features.Values, Features.Items, Width), trained && !Encoded);

    /// <summary>The same with every row divided by its length and never trained; a row of zeros stays one.</summary>
    public Tensor NormalizedTable(Graph g)
    {
        if (Encoded) return Table(g, trained: false).Normalize(); // its rows change, and their gradient goes through their length
        var rows = (float[])Features.Values.Clone();
        for (var row = 0; row < rows.Length; row += Width)
        {
            var values = rows.AsSpan(row, Width);
            var norm = Math.Sqrt(values.ToArray().Sum(value => (double)value * value));
            foreach (ref var value in values) value = (float)(value / Math.Max(norm, 1e-12));
        }
        return g.Parameter(TableName, TensorData.Of(rows, rows.Length / Width, Width), trainable: false);
    }
}
