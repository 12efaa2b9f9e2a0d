namespace LmmRec.Graphs.Kernels;

/// <summary>
/// A Gemm of one of the forms in <see cref="OwnProducts"/>: A' B' + c, where ' transposes as the name says. Inputs: A, B, c [n], which may be left out; the one
/// that is activated is [… , d], of which all axes but the last count as rows; so is A where its axes stay.
/// Output: Y [m, n], or [… , n]. ONNX Runtime's own Gemm reads A with the stride that it has, which is slow for wide matrices, and has to pack a weight
/// that is an input at every run too.
/// </summary>
internal sealed unsafe class OwnGemm(OwnProduct form) : Kernel(form.Name, [Slot.Float, Slot.Float, new(ElementType.Float32, Optional: true)], [Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        var left = context.Input<float>(0);
        var (a, b) = (View(left, form.TransA, form.Activated == 0, form.KeepsAxes), View(context.Input<float>(1), form.TransB, form.Activated == 1));
        var c = context.Input<float>(2);
        if (a.Columns != b.Rows) throw new GraphException($"[{a.Rows}, {a.Columns}] cannot be multiplied with [{b.Rows}, {b.Columns}]");
        if (c.IsThere && c.Length != b.Columns) throw new GraphException($"{c.Length} elements cannot be added to each row of {b.Columns}");
        var y = context.Output<float>(0, form.KeepsAxes ? [.. left.Shape[..^1], b.Columns] : [a.Rows, b.Columns]);
        DenseProduct.Compute(a, b, c.IsThere ? c.Data : null, y.Data, context.ParallelFor);
    }

    private static MatrixView View(Operand<float> matrix, bool transposed, bool activated, bool stacked = false)
    {
        if (matrix.Shape.Length < 2 || (matrix.Shape.Length > 2 && !activated && !stacked)) throw new GraphException($"[{string.Join(", ", matrix.Shape)}] is no matrix");
        var (rows, columns) = (checked((int)matrix.Shape.SkipLast(1).Aggregate(1L, (product, d) => product * d)), checked((int)matrix.Shape[^1]));
        return transposed ? new MatrixView(matrix.Data, columns, rows, transposed, activated) : new MatrixView(matrix.Data, rows, columns, transposed, activated);
    }
}
