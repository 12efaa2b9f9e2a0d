using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests.Kernels;

/// <summary>A random sparse matrix and a dense one of small whole numbers, whose product is exact in any order of adding.</summary>
internal sealed record RandomCsr(int[] RowPointers, int[] ColumnIndices, float[] Values, float[] X, int Columns, int D)
{
    /// <summary>Degrees are uneven: many rows are empty, and one has a fifth of all non-zeros.</summary>
    public static RandomCsr Whole(long seed, int rows, int columns, int d)
    {
        var random = new SeededRandom(seed);
        var heavy = random.NextInt32(rows);
        var pointers = new int[rows + 1];
        for (var row = 0; row < rows; row++) pointers[row + 1] = pointers[row] + (row == heavy ? rows : random.NextInt32(3) == 0 ? 0 : random.NextInt32(8));
        float Number() => random.NextInt32(40) - 20;
        var nonZeros = pointers[rows];
        return new RandomCsr(
            pointers,
            [.. Enumerable.Range(0, nonZeros).Select(_ => random.NextInt32(columns))],
            [.. Enumerable.Range(0, nonZeros).Select(_ => Number())],
            [.. Enumerable.Range(0, columns * d).Select(_ => Number())],
            columns,
            d);
    }

    /// <summary>The row of each non-zero.</summary>
    public int[] Rows() => [.. Enumerable.Range(0, RowPointers.Length - 1).SelectMany(row => Enumerable.Repeat(row, RowPointers[row + 1] - RowPointers[row]))];

    public int[] Identity() => [.. Enumerable.Range(0, Values.Length)];

    public float[] Expected()
    {
        var y = new float[(RowPointers.Length - 1) * D];
        var rows = Rows();
        for (var k = 0; k < rows.Length; k++)
            for (var c = 0; c < D; c++)
                y[rows[k] * D + c] += Values[k] * X[ColumnIndices[k] * D + c];
        return y;
    }
}
