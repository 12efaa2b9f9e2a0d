namespace LmmRec.Graphs;

/// <summary>
/// A sparse matrix of a graph: its pattern is stored in frozen tables, its values are a tensor of one number per non-zero, which may be an input
/// that changes with every batch (edge dropout) or itself be trained.
/// </summary>
public sealed class SparseMatrix
{
    private readonly Graph _graph;
    private readonly string _name;
    private readonly SparsePattern _pattern;
    private readonly Tensor[] _tables;
    private readonly SparseMatrix? _original;
    private SparseMatrix? _transposed;
    private Tensor? _rowOfEach;

    internal SparseMatrix(Graph graph, string name, SparsePattern pattern, int[]? positions = null, SparseMatrix? original = null)
    {
        (_graph, _name, _pattern, _original) = (graph, name, pattern, original);
        positions ??= [.. Enumerable.Range(0, pattern.NonZeros)];
        var buckets = new RowBuckets(pattern, positions);
        _tables =
        [
            Table("row_pointers", TensorData.Of(pattern.RowPointers)),
            Table("columns", TensorData.Of(pattern.ColumnIndices)),
            Table("positions", TensorData.Of(positions)),
            .. RowBuckets.Widths.SelectMany((width, b) => new[] { Table($"columns_{width}", buckets.Columns(b)), Table($"positions_{width}", buckets.Positions(b)) }),
            Table("combine", buckets.Combine),
            Table("order", buckets.Order),
        ];
        graph.Remember(_tables[0], this);
    }

    public int Rows => _pattern.Rows;

    public int Columns => _pattern.Columns;

    public int NonZeros => _pattern.NonZeros;

    /// <summary>The transposed matrix; it takes the values in this one's order.</summary>
    public SparseMatrix Transposed => _original ?? (_transposed ??= Transpose());

    /// <summary>The row and the column of each value.</summary>
    internal (Tensor Rows, Tensor Columns) Coordinates => _original is { } original
        ? (original.Coordinates.Columns, original.Coordinates.Rows)
        : (_rowOfEach ??= Table("rows", TensorData.Of(_pattern.RowIndices())), _tables[1]);

    /// <summary>The product with a dense matrix, where non-zero k has the value <paramref name="values"/>[k]: <c>[nnz], [columns, d] → [rows, d]</c>.</summary>
    public Tensor MatMul(Tensor values, Tensor dense) => _graph.Add("SpMM", [values, dense, .. _tables]);

    private SparseMatrix Transpose()
    {
        var pattern = SparsePattern.Of(Columns, Rows, _pattern.ColumnIndices, _pattern.RowIndices(), out var positions);
        return new SparseMatrix(_graph, _name + "/transposed", pattern, positions, this);
    }

    private Tensor Table(string name, TensorData data) => _graph.Parameter($"{_name}/{name}", data, trainable: false);
}
