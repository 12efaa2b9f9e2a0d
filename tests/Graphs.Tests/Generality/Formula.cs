namespace LmmRec.Graphs.Tests;

/// <summary>The weights and batches of reference.py: formulas, so that both sides have the same numbers and none are stored.</summary>
internal static class Formula
{
    public static TensorData Wave(int phase, double scale, params long[] shape) => TensorData.Of(
        [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (p, d) => p * d)).Select(i => (float)(scale * Math.Sin(0.7 * i + 1.3 * phase)))], shape);

    public static TensorData Cycle(int step, int limit, params long[] shape) => TensorData.Of(
        [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (p, d) => p * d)).Select(i => ((long)i * i + 3 * i + 7 * step) % limit)], shape);

    /// <summary>Gives the parameters, in the order in which they were added, the values of reference.py's <c>fill</c>.</summary>
    public static void Fill(Graph g, Func<string, bool> isScale)
    {
        for (var k = 0; k < g.Parameters.Count; k++)
        {
            var data = Wave(k, 0.3, g.Parameters[k].Tensor.Shape.ToArray());
            if (isScale(g.Parameters[k].Name))
                foreach (ref var value in data.As<float>().AsSpan()) value += 1;
            g.Parameters[k].Set(data);
        }
    }
}
