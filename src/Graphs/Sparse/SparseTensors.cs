namespace LmmRec.Graphs;

/// <summary>A <see cref="SparsePattern"/> as constants of a graph, in compressed rows for the kernel and in buckets for standard operators.</summary>
internal sealed class SparseTensors
{
    /// <summary>With <paramref name="like"/>, the transpose's tensors, an array that is equal is stored once: most are where a pattern is symmetric.</summary>
    public SparseTensors(Graph graph, string name, SparsePattern pattern, SparseTensors? like)
    {
        var buckets = new DegreeBuckets(pattern);
        (string Name, TensorData Data)[] arrays =
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
        All = [.. arrays.Select((array, i) => like is not null && Equal(like.All[i].Constant!, array.Data) ? like.All[i] : graph.Constant(array.Data, $"{name}/{array.Name}"))];
    }

    /// <summary>In the order in which the operators take them.</summary>
    public IReadOnlyList<Tensor> All { get; }

    private static bool Equal(TensorData a, TensorData b) => (a.Values, b.Values) switch
    {
        (int[] x, int[] y) => x.AsSpan().SequenceEqual(y),
        (long[] x, long[] y) => x.AsSpan().SequenceEqual(y),
        _ => false,
    };
}
