namespace LmmRec.Graphs;

/// <summary>A <see cref="SparsePattern"/> as constants or inputs of a graph, in compressed rows for the kernel and in buckets for standard operators.</summary>
internal sealed class SparseTensors
{
    /// <summary>With <paramref name="like"/>, the transpose's tensors, an array that is equal is stored once: most are where a pattern is symmetric.</summary>
    public SparseTensors(Graph graph, string name, SparsePattern pattern, SparseTensors? like)
    {
        All = [.. Arrays(pattern).Select((array, i) => like is not null && Equal(like.All[i].Constant!, array.Data) ? like.All[i] : graph.Constant(array.Data, $"{name}/{array.Name}"))];
    }

    /// <summary>Inputs for the arrays of a pattern with <paramref name="rows"/> rows.</summary>
    public SparseTensors(Graph graph, string name, int rows, Dim nonZeros)
    {
        const int Buckets = DegreeBuckets.Count;
        Dim inBuckets = name + "_in_buckets";
        Tensor Array(string array, ElementType type, Dim length) => graph.Input($"{name}/{array}", type, [length]);
        All =
        [
            Array("row_pointers", ElementType.Int32, rows + 1),
            Array("columns", ElementType.Int32, nonZeros),
            Array("positions", ElementType.Int32, nonZeros),
            Array("bucket_heights", ElementType.Int64, Buckets),
            Array("bucket_widths", ElementType.Int64, Buckets),
            Array("bucket_columns", ElementType.Int32, inBuckets),
            Array("bucket_positions", ElementType.Int32, inBuckets),
            Array("bucket_places", ElementType.Int32, rows),
        ];
    }

    /// <summary>In the order in which the operators take them.</summary>
    public IReadOnlyList<Tensor> All { get; }

    /// <summary>The arrays of a pattern, in compressed rows and in buckets.</summary>
    public static IReadOnlyList<(string Name, TensorData Data)> Arrays(SparsePattern pattern)
    {
        var buckets = new DegreeBuckets(pattern);
        return
        [
            ("row_pointers", TensorData.Of(pattern.RowPointers)),
            ("columns", TensorData.Of(pattern.ColumnIndices)),
            ("positions", TensorData.Of(pattern.Positions)),
            ("bucket_heights", TensorData.Of(buckets.Heights)),
            ("bucket_widths", TensorData.Of(buckets.Widths)),
            ("bucket_columns", TensorData.Of(buckets.Columns)),
            ("bucket_positions", TensorData.Of(buckets.Positions)),
            ("bucket_places", TensorData.Of(buckets.Places)),
        ];
    }

    private static bool Equal(TensorData a, TensorData b) => (a.Values, b.Values) switch
    {
        (int[] x, int[] y) => x.AsSpan().SequenceEqual(y),
        (long[] x, long[] y) => x.AsSpan().SequenceEqual(y),
        _ => false,
    };
}
