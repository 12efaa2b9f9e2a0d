using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// SDDMM, the entries of A Bᵀ at a pattern, and so the gradient of <see cref="SparseMatMul"/> in the values: y[positions[k]] = A[i, :] · B[columns[k], :] for each non-zero k of row i.
/// Inputs: A [rows, d], B [n, d], row pointers [rows + 1], columns [nnz], positions [nnz]; then what the standard form and the gradient need.
/// Output: y [nnz]. Each position stands once among the positions.
/// </summary>
internal sealed unsafe class SampledMatMul() : Kernel(
    "SDDMM", [Slot.Float, Slot.Float, Slot.Index32, Slot.Index32, Slot.Index32, .. SparseOperators.UnreadByKernels], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        var a = context.Input<float>(0);
        var b = context.Input<float>(1);
        var pattern = new CsrInput(context, first: 2);
        if (a.Shape.Length != 2 || b.Shape.Length != 2 || a.Shape[1] != b.Shape[1] || a.Shape[0] != pattern.Rows)
            throw new GraphException($"needs matrices of equal width for a pattern of {pattern.Rows} rows, not [{string.Join(", ", a.Shape)}] and [{string.Join(", ", b.Shape)}]");
        var (n, d) = ((int)b.Shape[0], (int)a.Shape[1]);
        var y = context.Output<float>(0, pattern.NonZeros);
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = pattern.Range(part, columns: n, values: y.Length);
            for (var row = start; row < end; row++) MultiplyRow(row, pattern, a.Data + (long)row * d, b.Data, y.Data, d);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRow(int row, in CsrInput pattern, float* a, float* b, float* y, int d)
    {
        for (var k = pattern.RowPointers[row]; k < pattern.RowPointers[row + 1]; k++)
            y[pattern.Positions[k]] = VectorMath.Dot(a, b + (long)pattern.Columns[k] * d, d);
    }
}
