namespace LmmRec.Graphs;

/// <summary>
/// Where the non-zeros of a sparse matrix lie, in compressed rows (CSR), and where in a vector of values each one's value is. The values
/// themselves are a tensor of the graph, so edge dropout or training may change them while the pattern stays.
/// </summary>
public sealed class SparsePattern
{
    private SparsePattern(int rows, int columns, int[] rowPointers, int[] columnIndices, int[] positions)
    {
        (Rows, Columns, RowPointers, ColumnIndices, Positions) = (rows, columns, rowPointers, columnIndices, positions);
    }

    public int Rows { get; }

    public int Columns { get; }

    public int NonZeros => ColumnIndices.Length;

    /// <summary>Row i's non-zeros are RowPointers[i] … RowPointers[i + 1] − 1. [rows + 1]</summary>
    public int[] RowPointers { get; }

    /// <summary>The column of each non-zero; ascending within a row. [non-zeros]</summary>
    public int[] ColumnIndices { get; }

    /// <summary>Where each non-zero's value lies in the vector of values. [non-zeros]</summary>
    public int[] Positions { get; }

    /// <summary>
    /// The matrix with a non-zero k at [<paramref name="rowIndices"/>[k], <paramref name="columnIndices"/>[k]], whose value is number k of the vector
    /// of values. The coordinates come in any order; one that comes twice counts twice.
    /// </summary>
    public static SparsePattern FromCoordinates(int rows, int columns, ReadOnlySpan<int> rowIndices, ReadOnlySpan<int> columnIndices)
    {
        if (rowIndices.Length != columnIndices.Length)
            throw new GraphException($"a sparse matrix is given {rowIndices.Length} row and {columnIndices.Length} column indices; they come in pairs");
        for (var k = 0; k < rowIndices.Length; k++)
            if ((uint)rowIndices[k] >= (uint)rows || (uint)columnIndices[k] >= (uint)columns)
                throw new GraphException($"non-zero {k} lies at [{rowIndices[k]}, {columnIndices[k]}], outside the matrix of {rows} rows and {columns} columns");
        // Sorting by column and then, stably, by row: the transpose of the transpose.
        var identity = new int[rowIndices.Length];
        for (var k = 0; k < identity.Length; k++) identity[k] = k;
        var byColumn = Group(columns, columnIndices, identity);
        var byRow = Group(rows, rowIndices, byColumn.Order);
        var sorted = new int[identity.Length];
        for (var k = 0; k < sorted.Length; k++) sorted[k] = columnIndices[byRow.Order[k]];
        return new SparsePattern(rows, columns, byRow.Pointers, sorted, byRow.Order);
    }

    /// <summary>The transpose, over the same vector of values.</summary>
    public SparsePattern Transpose()
    {
        var rowOf = RowIndices();
        var order = new int[NonZeros];
        for (var k = 0; k < order.Length; k++) order[k] = k;
        var (pointers, places) = Group(Columns, ColumnIndices, order);
        return new SparsePattern(Columns, Rows, pointers, Array.ConvertAll(places, k => rowOf[k]), Array.ConvertAll(places, k => Positions[k]));
    }

    /// <summary>The row of each non-zero. [non-zeros]</summary>
    public int[] RowIndices()
    {
        var rowOf = new int[NonZeros];
        for (var row = 0; row < Rows; row++) rowOf.AsSpan(RowPointers[row], RowPointers[row + 1] - RowPointers[row]).Fill(row);
        return rowOf;
    }

    /// <summary>A stable counting sort of <paramref name="order"/> by the keys of its elements.</summary>
    private static (int[] Pointers, int[] Order) Group(int groups, ReadOnlySpan<int> keys, int[] order)
    {
        var pointers = new int[groups + 1];
        foreach (var key in keys) pointers[key + 1]++;
        for (var g = 0; g < groups; g++) pointers[g + 1] += pointers[g];
        var next = pointers.AsSpan(0, groups).ToArray();
        var sorted = new int[order.Length];
        foreach (var k in order) sorted[next[keys[k]]++] = k;
        return (pointers, sorted);
    }
}
