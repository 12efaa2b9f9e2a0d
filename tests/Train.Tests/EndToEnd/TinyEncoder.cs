using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests.EndToEnd;

/// <summary>An encoder of one layer, whose "pictures" and "texts" are vectors, for both slots: a matrix and a bias that both towers share stands before one of each.</summary>
internal static class TinyEncoder
{
    public const int Width = 6;
    private const int Content = 5;

    /// <summary>What an item shows, [I × 5].</summary>
    public static float[] ContentOf(int items, bool visual)
    {
        var random = SeededRandom.For(7, visual ? "pictures" : "texts");
        return [.. Enumerable.Range(0, items * Content).Select(_ => (float)random.NextNormal())];
    }

    /// <summary>The tower that fills <paramref name="slot"/>.</summary>
    public static TrainedTower Tower(Modality slot, IReadOnlyList<bool> present)
    {
        var (content, g) = (ContentOf(present.Count, slot.IsVisual), new Graph(slot.Name));
        g.Output(slot.Name, Forward(g, slot.IsVisual, g.Input("content", ElementType.Float32, ["batch", Content])));
        return new TrainedTower(slot, g, present, items => new Batch { ["content"] = TensorData.Of([.. items.SelectMany(i => content[(i * Content)..((i + 1) * Content)])], items.Count, Content) });
    }

    /// <summary>The vectors of all items, [I × 6].</summary>
    public static Tensor All(Graph g, bool visual, int items) => Forward(g, visual, g.Constant(TensorData.Of(ContentOf(items, visual), items, Content), $"{visual}-content"));

    public static string WeightOf(bool visual) => visual ? "encoder/visual" : "encoder/textual";

    private static Tensor Forward(Graph g, bool visual, Tensor content)
    {
        var shared = Parameter(g, "encoder/shared", Content, Content);
        return content.MatMul(shared).Tanh().MatMul(Parameter(g, WeightOf(visual), Content, Width));
    }

    private static Tensor Parameter(Graph g, string name, int rows, int columns)
    {
        if (g.Parameters.FirstOrDefault(p => p.Name == name) is { } known) return known.Tensor;
        var random = SeededRandom.For(3, name);
        return g.Parameter(name, TensorData.Of([.. Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextNormal())], rows, columns));
    }
}
