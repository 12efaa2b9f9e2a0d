namespace LmmRec.Train.Data;

/// <summary>The normalisations of directed item graphs [I × I]; in all of them the sums of rows stand on both sides, for rows and for columns.</summary>
public static class ItemGraph
{
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
