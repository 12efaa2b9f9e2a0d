using LmmRec.Dense;

namespace LmmRec.Train.Data;

/// <summary>Directed item graphs [I × I] and their normalisations; in all of these the sums of rows stand on both sides, for rows and for columns.</summary>
public static class ItemGraph
{
    /// <summary>The graph whose weights are the similarities, or 1 where <paramref name="binary"/>.</summary>
    public static CsrMatrix Graph(this Neighbours neighbours, bool binary)
    {
        var k = neighbours.K;
        var items = neighbours.Items.Length / k;
        var starts = new int[items + 1];
        List<int> indices = [];
        List<float> values = [];
        for (var item = 0; item < items; item++)
        {
            foreach (var e in Enumerable.Range(item * k, k).Where(e => neighbours.Items[e] != item || e == item * k).OrderBy(e => neighbours.Items[e]))
            {
                indices.Add(neighbours.Items[e]);
                values.Add(binary ? 1 : neighbours.Similarities[e]);
            }
            starts[item + 1] = indices.Count;
        }
        return new CsrMatrix(items, items, starts, [.. indices], [.. values]);
    }

    /// <summary>w_ij r_i^-½ r_j^-½ with r the row sums and 0^-½ = 0: LATTICE and MGCN (docs/recommenders.md#lattice), over similarities.</summary>
    public static CsrMatrix Normalized(CsrMatrix graph) => Scaled(graph, Array.ConvertAll(graph.RowSums(), sum => sum > 0 ? 1 / Math.Sqrt(sum) : 0));

    /// <summary>
    /// The same with 1e-7 added to the row sums: FREEDOM (docs/recommenders.md#freedom), over weights of 1; every weight becomes 1 / k.
    /// </summary>
    public static CsrMatrix NormalizedWithEpsilon(CsrMatrix graph) => Scaled(graph, Array.ConvertAll(graph.RowSums(), sum => 1 / Math.Sqrt(sum + 1e-7)));

    private static CsrMatrix Scaled(CsrMatrix graph, double[] factors)
    {
        var values = new float[graph.Entries];
        for (var row = 0; row < graph.Rows; row++)
            for (var e = graph.Starts[row]; e < graph.Starts[row + 1]; e++)
                values[e] = (float)(graph.Values[e] * factors[row] * factors[graph.Indices[e]]);
        return graph with { Values = values };
    }
}
