using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>The features of one slot.</summary>
/// <param name="IsVisual">the visual slot, else the textual one, which takes any vector</param>
/// <param name="Features">[I × F]</param>
public sealed record Modality(bool IsVisual, FeatureMatrix Features)
{
    /// <summary><c>visual</c> or <c>textual</c></summary>
    public string Name => IsVisual ? "visual" : "textual";

    /// <summary>F</summary>
    public int Width => Features.Width;

    /// <summary>The features as a table of the graph, [I × F]; with <paramref name="trained"/> they are where embeddings begin.</summary>
    public Tensor Table(Graph g, bool trained) => g.Parameter($"{Name}/features", TensorData.Of(Features.Values, Features.Items, Width), trained);

    /// <summary>The same with every row divided by its length and never trained; a row of zeros stays one.</summary>
    public Tensor NormalizedTable(Graph g)
    {
        var rows = (float[])Features.Values.Clone();
        for (var row = 0; row < rows.Length; row += Width)
        {
            var values = rows.AsSpan(row, Width);
            var norm = Math.Sqrt(values.ToArray().Sum(value => (double)value * value));
            foreach (ref var value in values) value = (float)(value / Math.Max(norm, 1e-12));
        }
        return g.Parameter($"{Name}/features", TensorData.Of(rows, rows.Length / Width, Width), trainable: false);
    }
}
