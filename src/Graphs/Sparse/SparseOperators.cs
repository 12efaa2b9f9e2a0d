using LmmRec.Graphs.Kernels;

namespace LmmRec.Graphs;

/// <summary>
/// Products with sparse matrices: SpMM is A X, SpMMAdd is A X + B, SDDMM gives the entries of A Bᵀ at a pattern, the gradient in A's values. All take a pattern as eight vectors (row_pointers, columns, positions, bucket_heights, bucket_widths,
/// bucket_columns, bucket_positions, bucket_places): a kernel reads the first three, the form in standard operators the others.
/// </summary>
internal static class SparseOperators
{
    private const int PatternInputs = 8;

    private static readonly ElementType[] PatternTypes =
    [
        ElementType.Int32, ElementType.Int32, ElementType.Int32, ElementType.Int64, ElementType.Int64, ElementType.Int32, ElementType.Int32, ElementType.Int32,
    ];

    public static readonly Operator[] Table =
    [
        new("SpMM", InferProduct, ProductGradient) { Domain = Own.Domain, Lowering = () => LowerProduct("SpMM", add: false) },
        new("SpMMAdd", InferProduct, (n, dy) => [.. ProductGradient(n, dy), dy]) { Domain = Own.Domain, Lowering = () => LowerProduct("SpMMAdd", add: true) },
        new("SDDMM", InferSampled, SampledGradient) { Domain = Own.Domain, Lowering = LowerSampled },
    ];

    /// <summary>What follows the three vectors that the kernels read: the buckets, and the transpose, which the gradient rules need.</summary>
    public static IEnumerable<Slot> UnreadByKernels => PatternTypes.Skip(3).Concat(PatternTypes).Select(Slot.Unread);

    /// <summary>A X for the matrix A of <paramref name="values"/> and <paramref name="pattern"/>.</summary>
    public static Tensor Multiply(Tensor values, Tensor x, IEnumerable<Tensor?> pattern, IEnumerable<Tensor?> transpose) =>
        values.Graph.Add("SpMM", [values, x, .. pattern, .. transpose]);

    /// <summary>The entries of A Bᵀ at the non-zeros of <paramref name="pattern"/>, in the order of their values.</summary>
    public static Tensor Sample(Tensor a, Tensor b, IEnumerable<Tensor?> pattern, IEnumerable<Tensor?> transpose) =>
        a.Graph.Add("SDDMM", [a, b, .. pattern, .. transpose]);

    private static TensorType InferProduct(Node n)
    {
        var (values, x) = (n[0], n[1]);
        if (x.Rank != 2 || x.Type != ElementType.Float32) throw n.Wrong($"the dense matrix is Float32 [n, d], not {x.Type} {x.Shape}");
        var (rows, columns) = (n[2].Shape[0] - 1, n[2 + PatternInputs].Shape[0] - 1);
        if (x.Shape[0] != columns) throw n.Wrong($"a sparse matrix of {rows} rows and {columns} columns cannot be multiplied with {x.Shape}");
        if (values.Rank != 1) throw n.Wrong($"values are a vector, not {values.Shape}");
        return new TensorType(ElementType.Float32, [rows, x.Shape[1]]);
    }

    private static Tensor?[] ProductGradient(Node n, Tensor dy)
    {
        var pattern = n.Inputs.Skip(2).Take(PatternInputs).ToArray();
        var transpose = n.Inputs.Skip(2 + PatternInputs).Take(PatternInputs).ToArray();
        return [Sample(dy, n[1], pattern, transpose), Multiply(n[0], dy, transpose, pattern), .. new Tensor?[2 * PatternInputs]];
    }

    // Each product is an entry of A Bᵀ, so its gradient is the value of that entry in a sparse matrix.
    private static Tensor?[] SampledGradient(Node n, Tensor dy)
    {
        var pattern = n.Inputs.Skip(2).Take(PatternInputs).ToArray();
        var transpose = n.Inputs.Skip(2 + PatternInputs).Take(PatternInputs).ToArray();
        return [Multiply(dy, n[1], pattern, transpose), Multiply(dy, n[0], transpose, pattern), .. new Tensor?[2 * PatternInputs]];
    }

    private static TensorType InferSampled(Node n) => n[0].Rank == 2 && n[1].Rank == 2 && n[0].Shape[1] == n[1].Shape[1]
        ? new TensorType(ElementType.Float32, n[3].Shape)
        : throw n.Wrong("needs two matrices of equal width");

    /// <summary>Per bucket of rows a Gather and a batched MatMul; then the rows in their order. Deterministic wherever Gather and MatMul are.</summary>
    private static Graph LowerProduct(string name, bool add)
    {
        const int Count = DegreeBuckets.Count;
        var g = new Graph(name);
        var values = g.Input("values", ElementType.Float32, ["z"]);
        var x = g.Input("x", ElementType.Float32, ["n", "d"]);
        g.Input("row_pointers", ElementType.Int32, ["rows_and_1"]);
        g.Input("columns", ElementType.Int32, ["nnz"]);
        g.Input("positions", ElementType.Int32, ["nnz"]);
        var heights = g.InputOf("bucket_heights", new TensorType(ElementType.Int64, [Count], [.. Enumerable.Range(0, Count).Select(b => (Dim)$"height_{b}")]));
        var widths = g.InputOf("bucket_widths", new TensorType(ElementType.Int64, [Count], [.. Enumerable.Range(0, Count).Select(b => (Dim)$"width_{b}")]));
        var elements = Enumerable.Range(0, Count).Aggregate((Dim)0, (sum, b) => sum + (Dim)$"height_{b}" * (Dim)$"width_{b}");
        var columns = g.Input("bucket_columns", ElementType.Int32, [elements]);
        var positions = g.Input("bucket_positions", ElementType.Int32, [elements]);
        var places = g.Input("bucket_places", ElementType.Int32, ["rows"]);
        for (var i = 0; i < PatternInputs; i++) g.Input($"transpose_{i}", PatternTypes[i], [$"transpose_{i}_count"]);

        // Sizes are read by the host. Where a pattern is fed they are inputs, which ONNX Runtime takes to a device and back again for each bucket; what
        // is made of a shape stays on the host, so they are, of one that is always zero.
        var zero = columns.SizeVectorOf(0) - positions.SizeVectorOf(0);
        (heights, widths) = (heights + zero, widths + zero);
        var sizes = heights * widths;                                                                   // [Count]
        var valueTables = g.Concat(values, g.Constant(TensorData.Of([0f]))).GatherElements(positions, 0).Split(0, sizes, Count);
        var columnTables = columns.Split(0, sizes, Count);
        var sums = new Tensor[Count];
        for (var b = 0; b < Count; b++)
        {
            var (height, width) = (heights.Slice(0, b, b + 1), widths.Slice(0, b, b + 1));
            var rows = valueTables[b].Reshape(g.Concat(height, g.Integers(1), width));                  // [height, 1, width]
            var neighbours = x[columnTables[b].Reshape(g.Concat(height, width))];                       // [height, width, d]
            sums[b] = rows.MatMul(neighbours);                                                          // [height, 1, d]
        }
        var product = g.Concat(sums)[places].Squeeze(1);                                                // [rows, d]
        g.Output("y", add ? product + g.Input("addend", ElementType.Float32, ["rows", "d"]) : product);
        return g;
    }

    /// <summary>The row of a value is its column in the transpose; positions do not repeat, so the scatters add nothing.</summary>
    private static Graph LowerSampled()
    {
        var g = new Graph("SDDMM");
        var a = g.Input("a", ElementType.Float32, ["rows", "d"]);
        var b = g.Input("b", ElementType.Float32, ["n", "d"]);
        Tensor[] Pattern(string name) => [.. PatternTypes.Select((type, i) => g.Input($"{name}_{i}", type, [i is 1 or 2 ? "nnz" : $"{name}_{i}_count"]))];
        var (pattern, transpose) = (Pattern("pattern"), Pattern("transpose"));
        var rowOf = transpose[1].ScatterElements(transpose[2], transpose[1], 0);                         // [nnz]
        var columnOf = pattern[1].ScatterElements(pattern[2], pattern[1], 0);                           // [nnz]
        g.Output("y", (a[rowOf] * b[columnOf]).ReduceSum([1], keepDims: false));                        // [nnz]
        return g;
    }
}
