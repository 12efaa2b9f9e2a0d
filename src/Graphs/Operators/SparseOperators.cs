namespace LmmRec.Graphs;

/// <summary>Products with sparse matrices, an operator of the library's own.</summary>
public static class SparseOperators
{
    private const int FirstTable = 2;

    internal static readonly Operator[] Table =
    [
        new("SpMM", InferSpMM, SpMMGradient) { Domain = Own.Domain, Lowering = LowerSpMM },
    ];

    /// <summary>A sparse matrix with the given non-zeros; its tables are frozen parameters whose names begin with <paramref name="name"/>.</summary>
    public static SparseMatrix Sparse(this Graph graph, string name, SparsePattern pattern) => new(graph, name, pattern);

    private static TensorType InferSpMM(Node n)
    {
        var (values, dense, rowPointers, columns) = (n[0], n[1], n[2], n[3]);
        if (!values.Shape.Equals(columns.Shape)) throw n.Wrong($"{columns.Shape[0]} non-zeros need as many values, not {values.Shape}");
        if (dense.Rank != 2 || values.Type != dense.Type) throw n.Wrong($"values {values.Type} need a matrix of the same type, not {dense.Type} {dense.Shape}");
        if (n[0].Graph.Remembered(rowPointers) is { } matrix && dense.Shape[0] != matrix.Columns)
            throw n.Wrong($"a matrix of {matrix.Columns} columns cannot be multiplied by {dense.Shape}");
        return new TensorType(dense.Type, [rowPointers.Shape[0] - 1, dense.Shape[1]]);
    }

    private static Tensor?[] SpMMGradient(Node n, Tensor dy)
    {
        var matrix = n[0].Graph.Remembered(n[FirstTable]) ?? throw n.Wrong("has no gradient in a graph that was read from a file: its transposed tables are not there");
        var (rows, columns) = matrix.Coordinates;
        var gradients = new Tensor?[n.Inputs.Count];
        gradients[0] = (dy.Gather(rows) * n[1].Gather(columns)).ReduceSum([1]); // [nnz]
        gradients[1] = matrix.Transposed.MatMul(n[0], dy);
        return gradients;
    }

    private static Graph LowerSpMM()
    {
        var g = new Graph("SpMM");
        var values = g.Input("values", ElementType.Float32, ["nnz"]);
        var dense = g.Input("dense", ElementType.Float32, ["columns", "d"]);
        foreach (var (name, size) in new[] { ("row_pointers", (Dim)"rows" + 1), ("column_indices", "nnz"), ("positions", "nnz") }) g.Input(name, ElementType.Int32, [size]);
        var padded = g.Concat(values, g.Constant(TensorData.Of([0f]))); // the padding points at this zero
        var pieces = new List<Tensor>();
        foreach (var width in RowBuckets.Widths)
        {
            var columns = g.Input($"columns_{width}", ElementType.Int32, [$"pieces_{width}", width]);
            var positions = g.Input($"positions_{width}", ElementType.Int32, [$"pieces_{width}", width]);
            pieces.Add(padded.Gather(positions).Unsqueeze(1).MatMul(dense.Gather(columns)).Squeeze(1)); // [pieces, d]
        }
        var combine = g.Input("combine", ElementType.Int32, ["split", "parts"]);
        var order = g.Input("order", ElementType.Int32, ["rows"]);
        var zeros = g.Scalar(0).Expand(g.Concat(g.Integers(1), dense.CountOf([1]).Unsqueeze(0))); // [1, d]
        var all = g.Concat([.. pieces, zeros]);
        g.Output("product", g.Concat(all, all.Gather(combine).ReduceSum([1])).Gather(order)); // [rows, d]
        return g;
    }
}
