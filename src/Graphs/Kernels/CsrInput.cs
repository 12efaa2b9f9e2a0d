using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>The pattern of a sparse matrix among a kernel's inputs: row pointers [rows + 1], columns [nnz], positions of values [nnz].</summary>
internal readonly unsafe struct CsrInput
{
    private readonly Operand<int> _rowPointers;
    private readonly Operand<int> _columns;
    private readonly Operand<int> _positions;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public CsrInput(KernelContext context, int first)
    {
        (_rowPointers, _columns, _positions) = (context.Input<int>(first), context.Input<int>(first + 1), context.Input<int>(first + 2));
        if (_rowPointers.Length == 0 || RowPointers[0] != 0 || RowPointers[Rows] != NonZeros)
            throw new GraphException($"row pointers must go from 0 to the number of non-zeros, {NonZeros}");
        for (var row = 1; row <= Rows; row++)
            if (RowPointers[row] < RowPointers[row - 1]) throw new GraphException($"row pointer {row} is less than the one before it");
        if (_positions.Length != NonZeros) throw new GraphException($"{_positions.Length} positions for {NonZeros} non-zeros");
    }

    public int Rows => _rowPointers.Length - 1;

    public int NonZeros => _columns.Length;

    public int* RowPointers => _rowPointers.Data;

    public int* Columns => _columns.Data;

    public int* Positions => _positions.Data;

    /// <summary>
    /// The rows of range <paramref name="part"/> of <see cref="RowRanges"/>, after a look at all their indices: one that points outside
    /// <paramref name="columns"/> or <paramref name="values"/> would read other memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (int Start, int End) Range(int part, int columns, int values)
    {
        var (start, end) = RowRanges.Balanced(part, _rowPointers.Span);
        for (var k = RowPointers[start]; k < RowPointers[end]; k++)
        {
            if ((uint)Columns[k] >= (uint)columns) throw new GraphException($"column {Columns[k]} of non-zero {k} is not in 0 … {columns - 1}");
            if ((uint)Positions[k] >= (uint)values) throw new GraphException($"position {Positions[k]} of non-zero {k} is not in 0 … {values - 1}");
        }
        return (start, end);
    }
}
