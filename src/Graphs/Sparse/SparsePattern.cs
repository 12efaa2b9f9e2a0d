namespace LmmRec.Graphs;

/// <summary>Where the non-zeros of a sparse matrix are, in compressed rows (CSR); their values are a tensor in the same order.</summary>
public sealed class SparsePattern
{
    /// <summary>Takes the arrays as they are.</summary>
    /// <param name="columns">How many columns the matrix has.</param>
    /// <param name="rowPointers">For each row where its non-zeros begin, and the end of the last: rows + 1 numbers.</param>
    /// <param name="columnIndices">The column of each non-zero.</param>
    /// <exception cref="GraphException">The arrays do not describe a matrix.</exception>
    public SparsePattern(int columns, int[] rowPointers, int[] columnIndices)
    {
        if (rowPointers.Length == 0 || rowPointers[0] != 0 || rowPointers[^1] != columnIndices.Length) throw new GraphException(
            $"row pointers of a matrix with {columnIndices.Length} non-zeros begin with 0 and end with {columnIndices.Length}");
        for (var row = 1; row < rowPointers.Length; row++)
            if (rowPointers[row] < rowPointers[row - 1]) throw new GraphException($"the row pointers fall at row {row}: {rowPointers[row - 1]}, {rowPointers[row]}");
        foreach (var column in columnIndices)
            if ((uint)column >= (uint)columns) throw new GraphException($"column {column} is not one of 0 … {columns - 1}");
        (Columns, RowPointers, ColumnIndices) = (columns, rowPointers, columnIndices);
    }

    public int Rows => RowPointers.Length - 1;

    public int Columns { get; }

    public int NonZeros => ColumnIndices.Length;

    internal int[] RowPointers { get; }

    internal int[] ColumnIndices { get; }

    /// <summary>The pattern of coordinates in any order, and for each of its non-zeros which coordinate it was.</summary>
    public static SparsePattern Of(int rows, int columns, ReadOnlySpan<int> rowIndices, ReadOnlySpan<int> columnIndices, out int[] order)
    {
        if (rowIndices.Length != columnIndices.Length) throw new GraphException($"{rowIndices.Length} rows against {columnIndices.Length} columns");
        var pointers = new int[rows + 1];
        foreach (var row in rowIndices)
            if ((uint)row < (uint)rows) pointers[row + 1]++;
            else throw new GraphException($"row {row} is not one of 0 … {rows - 1}");
        for (var row = 0; row < rows; row++) pointers[row + 1] += pointers[row];
        var next = pointers.AsSpan(0, rows).ToArray();
        order = new int[rowIndices.Length];
        for (var i = 0; i < rowIndices.Length; i++) order[next[rowIndices[i]]++] = i;
        var sorted = new int[columnIndices.Length];
        for (var i = 0; i < sorted.Length; i++) sorted[i] = columnIndices[order[i]];
        return new SparsePattern(columns, pointers, sorted);
    }

    /// <summary>The row of each non-zero.</summary>
    internal int[] RowIndices()
    {
        var rows = new int[NonZeros];
        for (var row = 0; row < Rows; row++) rows.AsSpan(RowPointers[row]..RowPointers[row + 1]).Fill(row);
        return rows;
    }
}
