using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>A sparse matrix in a graph: where its entries are, and a tensor of their values, which may change while the places stay.</summary>
public sealed class SparseMatrix
{
    private readonly Tensor _rowOf; // [entries] int64
    private readonly Tensor _columnOf; // [entries] int64
    private readonly Tensor _values; // [entries]
    private readonly long _rows;
    private readonly long _columns;

    private SparseMatrix(Tensor rowOf, Tensor columnOf, Tensor values, long rows, long columns) =>
        (_rowOf, _columnOf, _values, _rows, _columns) = (rowOf, columnOf, values, rows, columns);

    /// <summary>A matrix that stays as it is.</summary>
    public static SparseMatrix Constant(Graph g, string name, CsrMatrix matrix)
    {
        var data = Data(matrix);
        Tensor Table(string part, TensorData values) => g.Parameter($"{name}/{part}", values, trainable: false);
        return new SparseMatrix(Table("rows", data[0]), Table("columns", data[1]), Table("values", data[2]), matrix.Rows, matrix.Columns);
    }

    /// <summary>A matrix whose entries the host gives, as <see cref="Data"/> makes them.</summary>
    public static SparseMatrix Input(Graph g, string name, int rows, int columns) => new(
        g.Input($"{name}/rows", ElementType.Int64, [$"{name}-entries"]), g.Input($"{name}/columns", ElementType.Int64, [$"{name}-entries"]),
        g.Input($"{name}/values", ElementType.Float32, [$"{name}-entries"]), rows, columns);

    /// <summary>The inputs of a matrix that <see cref="Input"/> made.</summary>
    public IReadOnlyList<Tensor> Inputs => [_rowOf, _columnOf, _values];

    /// <summary>The values of <see cref="Inputs"/>.</summary>
    public static IReadOnlyList<TensorData> Data(CsrMatrix matrix)
    {
        var rowOf = new long[matrix.Entries];
        for (var row = 0; row < matrix.Rows; row++) rowOf.AsSpan(matrix.Starts[row]..matrix.Starts[row + 1]).Fill(row);
        return [TensorData.Of(rowOf), TensorData.Of(Array.ConvertAll(matrix.Indices, column => (long)column)), TensorData.Of(matrix.Values)];
    }

    /// <summary>The matrix with rows and columns exchanged.</summary>
    public SparseMatrix Transposed => new(_columnOf, _rowOf, _values, _columns, _rows);

    /// <summary>The matrix with other values at the same places, [entries].</summary>
    public SparseMatrix With(Tensor values) => new(_rowOf, _columnOf, values, _rows, _columns);

    /// <summary>The product with a table, [columns × D] → [rows × D].</summary>
    public Tensor Times(Tensor x) => (x[_columnOf] * _values.Unsqueeze(1)).RowScatter(_rowOf, x.Graph.Integers(_rows));
}
