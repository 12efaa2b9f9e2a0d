using LmmRec.Artifacts;
using LmmRec.Graphs.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs.Tests.Kernels;

public sealed class SparseMatMulTests
{
    private static OneNode Product(int threads = 2) => new(new SparseMatMul(add: false), 5, threads);

    // What the kernels do not read.
    private static readonly (Array, long[])[] Unread = [.. SparseOperators.UnreadByKernels.Select(slot => (slot.Type == ElementType.Int64 ? Array.Empty<long>() : (Array)Array.Empty<int>(), new long[] { 0 }))];

    [Fact]
    public void Sums_are_exact_a_thousand_times_over_with_two_threads()
    {
        using var product = Product();
        for (var seed = 0; seed < 1000; seed++)
        {
            var m = RandomCsr.Whole(seed, rows: 60, columns: 40, d: 1 + seed % 100);
            Assert.Equal(m.Expected(), product.Run((m.Values, [m.Values.Length]), (m.X, [m.Columns, m.D]), (m.RowPointers, [m.RowPointers.Length]), (m.ColumnIndices, [m.Values.Length]), (m.Identity(), [m.Values.Length]))[0]);
        }
    }

    [Fact]
    public void Sums_that_are_added_to_something_are_exact_a_thousand_times_over_with_two_threads()
    {
        var kernel = new SparseMatMul(add: true);
        using var product = new OneNode(kernel, kernel.Inputs.Count);
        for (var seed = 0; seed < 1000; seed++)
        {
            var m = RandomCsr.Whole(seed, rows: 60, columns: 40, d: 1 + seed % 100);
            var random = new SeededRandom(seed);
            var addend = Enumerable.Range(0, 60 * m.D).Select(_ => (float)(random.NextInt32(20) - 10)).ToArray();
            var y = product.Run([(m.Values, [m.Values.Length]), (m.X, [m.Columns, m.D]), (m.RowPointers, [m.RowPointers.Length]), (m.ColumnIndices, [m.Values.Length]), (m.Identity(), [m.Values.Length]), .. Unread, (addend, [60, m.D])])[0];
            Assert.Equal(m.Expected().Zip(addend, (a, b) => a + b), y);
        }
    }

    [Fact]
    public void Positions_say_where_the_values_are_so_that_a_transpose_shares_them()
    {
        using var product = new OneNode(new SparseMatMul(add: false), 5);
        var m = RandomCsr.Whole(5, rows: 60, columns: 40, d: 64);
        var positions = Enumerable.Range(0, m.Values.Length).Reverse().ToArray();
        var y = product.Run((m.Values.Reverse().ToArray(), [m.Values.Length]), (m.X, [m.Columns, m.D]), (m.RowPointers, [m.RowPointers.Length]),
            (m.ColumnIndices, [m.Values.Length]), (positions, [positions.Length]))[0];
        Assert.Equal(m.Expected(), y);
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_byte()
    {
        var m = RandomCsr.Whole(9, rows: 3000, columns: 500, d: 64);
        var random = new SeededRandom(2);
        var x = m.X.Select(_ => (float)random.NextNormal()).ToArray();
        using var one = Product(threads: 1);
        using var two = Product(threads: 2);
        float[] Run(OneNode product) => product.Run((m.Values, [m.Values.Length]), (x, [m.Columns, m.D]), (m.RowPointers, [m.RowPointers.Length]), (m.ColumnIndices, [m.Values.Length]), (m.Identity(), [m.Values.Length]))[0];
        var expected = Run(one);
        for (var run = 0; run < 50; run++) Assert.Equal(expected, Run(two));
    }

    [Fact]
    public void A_column_outside_the_dense_matrix_fails_the_run_and_is_named()
    {
        using var product = Product();
        var error = Assert.Throws<OnnxRuntimeException>(() => product.Run((new float[] { 1, 2 }, [2]), (new float[3], [3, 1]), (new[] { 0, 1, 2 }, [3]), (new[] { 2, 3 }, [2]), (new[] { 0, 1 }, [2])));
        Assert.Contains("column 3 of non-zero 1 is not in 0 … 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Row_pointers_that_run_backwards_fail_the_run()
    {
        using var product = Product();
        var error = Assert.Throws<OnnxRuntimeException>(() => product.Run((new float[] { 1, 2 }, [2]), (new float[3], [3, 1]), (new[] { 0, 3, 2 }, [3]), (new[] { 2, 0 }, [2]), (new[] { 0, 1 }, [2])));
        Assert.Contains("row pointer 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_gradient_of_the_values_is_exact_a_thousand_times_over_with_two_threads()
    {
        using var sampled = new OneNode(new SampledMatMul(), 5);
        for (var seed = 0; seed < 1000; seed++)
        {
            var m = RandomCsr.Whole(seed, rows: 60, columns: 40, d: 1 + seed % 100);
            var random = new SeededRandom(seed);
            var dy = Enumerable.Range(0, 60 * m.D).Select(_ => (float)(random.NextInt32(20) - 10)).ToArray();
            var rows = m.Rows();
            var expected = rows.Select((row, k) => Enumerable.Range(0, m.D).Sum(c => dy[row * m.D + c] * m.X[m.ColumnIndices[k] * m.D + c])).ToArray();
            Assert.Equal(expected, sampled.Run((dy, [60, m.D]), (m.X, [m.Columns, m.D]), (m.RowPointers, [m.RowPointers.Length]), (m.ColumnIndices, [rows.Length]), (m.Identity(), [rows.Length]))[0]);
        }
    }
}
