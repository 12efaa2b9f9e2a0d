using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// SpMM, Y = A X, and SpMMAdd, Y = A X + B: Y[i, :] = B[i, :] + Σₖ values[positions[k]] · X[columns[k], :] over row i's non-zeros k = rowPointers[i] … rowPointers[i+1] − 1, in that order.
/// Inputs: values [z], X [n, d], rowPointers [rows + 1], columns [nnz], positions [nnz]; then what the standard form and the gradient need (see
/// <see cref="SparseOperators"/>); B [rows, d] last. Output: Y [rows, d]. Positions let a matrix and its transpose share one vector of values, which a graph may
/// change at every batch.
/// </summary>
internal sealed unsafe class SparseMatMul(bool add) : Kernel(
    add ? "SpMMAdd" : "SpMM",
    [Slot.Float, Slot.Float, Slot.Index32, Slot.Index32, Slot.Index32, .. SparseOperators.UnreadByKernels, .. add ? [Slot.Float] : Array.Empty<Slot>()],
    [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        var values = context.Input<float>(0);
        var x = context.Input<float>(1);
        var pattern = new CsrInput(context, first: 2);
        if (x.Shape.Length != 2) throw new GraphException($"the dense matrix has {x.Shape.Length} dimensions, not 2");
        var (n, d) = ((int)x.Shape[0], (int)x.Shape[1]);
        var addend = add ? context.Input<float>(Inputs.Count - 1) : default;
        if (add && !addend.Shape.AsSpan().SequenceEqual([pattern.Rows, d]))
            throw new GraphException($"[{string.Join(", ", addend.Shape)}] cannot be added to a product of [{pattern.Rows}, {d}]");
        var y = context.Output<float>(0, pattern.Rows, d);
        context.ParallelFor(RowRanges.Count, part =>
        {
            var (start, end) = pattern.Range(part, columns: n, values: values.Length);
            for (var row = start; row < end; row++) MultiplyRow(row, pattern, values.Data, x.Data, add ? addend.Data + (long)row * d : null, y.Data + (long)row * d, d);
        });
    }

    /// <summary>Eight vectors of the row at a time stay in registers while its non-zeros pass by; then single vectors, then what is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRow(int row, in CsrInput pattern, float* values, float* x, float* b, float* y, int d)
    {
        var (start, end) = (pattern.RowPointers[row], pattern.RowPointers[row + 1]);
        int* columns = pattern.Columns, positions = pattern.Positions;
        var width = Vector<float>.Count;
        var c = 0;
        for (; c <= d - 8 * width; c += 8 * width)
        {
            Vector<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            if (b is not null)
            {
                (s0, s1) = (Vector.Load(b + c), Vector.Load(b + c + width));
                (s2, s3) = (Vector.Load(b + c + 2 * width), Vector.Load(b + c + 3 * width));
                (s4, s5) = (Vector.Load(b + c + 4 * width), Vector.Load(b + c + 5 * width));
                (s6, s7) = (Vector.Load(b + c + 6 * width), Vector.Load(b + c + 7 * width));
            }
            for (var k = start; k < end; k++)
            {
                var from = x + (long)columns[k] * d + c;
                var factor = new Vector<float>(values[positions[k]]);
                s0 = Vector.FusedMultiplyAdd(factor, Vector.Load(from), s0);
                s1 = Vector.FusedMultiplyAdd(factor, Vector.Load(from + width), s1);
                s2 = Vector.FusedMultiplyAdd(factor, Vector.Load(from + 2 * width), s2);
                s3 = Vector.FusedMultiplyAdd(factor, Vector.Load(from + 3 * width), s3);
                s4 = Vector.FusedMultiplyAdd(factor, Vector.Load(from + 4 * width), s4);
                s5 = Vector.FusedMultiplyAdd(factor, Vector.Load(from + 5 * width), s5);
                s6 = Vector.FusedMultiplyAdd(factor, Vector.Load(from + 6 * width), s6);
                s7 = Vector.FusedMultiplyAdd(factor, Vector.Load(from + 7 * width), s7);
            }
            s0.Store(y + c);
            s1.Store(y + c + width);
            s2.Store(y + c + 2 * width);
            s3.Store(y + c + 3 * width);
            s4.Store(y + c + 4 * width);
            s5.Store(y + c + 5 * width);
            s6.Store(y + c + 6 * width);
            s7.Store(y + c + 7 * width);
        }
        for (; c <= d - width; c += width)
        {
            var sum = b is null ? Vector<float>.Zero : Vector.Load(b + c);
            for (var k = start; k < end; k++)
                sum = Vector.FusedMultiplyAdd(new Vector<float>(values[positions[k]]), Vector.Load(x + (long)columns[k] * d + c), sum);
            sum.Store(y + c);
        }
        for (; c < d; c++)
        {
            var sum = b is null ? 0 : b[c];
            for (var k = start; k < end; k++) sum = MathF.FusedMultiplyAdd(values[positions[k]], x[(long)columns[k] * d + c], sum);
            y[c] = sum;
        }
    }
}
