using LmmRec.Graphs;

namespace LmmRec.Train.Data;

/// <summary>A sparse matrix by rows; within a row columns ascend, where what makes it does not say otherwise.</summary>
/// <param name="Rows">number of rows</param>
/// <param name="Columns">number of columns</param>
/// <param name="Starts">[Rows + 1]; row r lies at Starts[r] … Starts[r + 1] − 1</param>
/// <param name="Indices">column of each entry</param>
/// <param name="Values">value of each entry</param>
public sealed record CsrMatrix(int Rows, int Columns, int[] Starts, int[] Indices, float[] Values)
{
    /// <summary>Number of stored entries.</summary>
    public int Entries => Values.Length;

    /// <summary>The matrix with rows and columns exchanged; its columns ascend.</summary>
    public CsrMatrix Transpose()
    {
        var starts = new int[Columns + 1];
        foreach (var column in Indices) starts[column + 1]++;
        for (var column = 0; column < Columns; column++) starts[column + 1] += starts[column];
        var next = starts[..^1];
        var (indices, values) = (new int[Entries], new float[Entries]);
        for (var row = 0; row < Rows; row++)
            for (var e = Starts[row]; e < Starts[row + 1]; e++)
            {
                var to = next[Indices[e]]++;
                (indices[to], values[to]) = (row, Values[e]);
            }
        return new CsrMatrix(Columns, Rows, starts, indices, values);
    }

    /// <summary>Where the entries are; their values stay in their order.</summary>
    public SparsePattern Pattern()
    {
        var rowOf = new int[Entries];
        for (var row = 0; row < Rows; row++) rowOf.AsSpan(Starts[row]..Starts[row + 1]).Fill(row);
        return SparsePattern.FromCoordinates(Rows, Columns, rowOf, Indices);
    }

    /// <summary>The matrix as a constant of a graph.</summary>
    public SparseMatrix In(Graph g, string name) => new(name, Pattern(), g.Constant(TensorData.Of(Values), $"{name}/values"));

    /// <summary>The sum of each row.</summary>
    public float[] RowSums()
    {
        var sums = new float[Rows];
        for (var row = 0; row < Rows; row++)
            for (var e = Starts[row]; e < Starts[row + 1]; e++) sums[row] += Values[e];
        return sums;
    }

    /// <summary><paramref name="p"/> × <paramref name="a"/> + <paramref name="q"/> × <paramref name="b"/>; entries are added where they meet.</summary>
    public static CsrMatrix Sum(float p, CsrMatrix a, float q, CsrMatrix b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual((b.Rows, b.Columns), (a.Rows, a.Columns));
        var starts = new int[a.Rows + 1];
        var (indices, values) = (new List<int>(a.Entries + b.Entries), new List<float>(a.Entries + b.Entries));
        var row = new SortedDictionary<int, float>();
        for (var r = 0; r < a.Rows; r++)
        {
            row.Clear();
            for (var e = a.Starts[r]; e < a.Starts[r + 1]; e++) row[a.Indices[e]] = row.GetValueOrDefault(a.Indices[e]) + p * a.Values[e];
            for (var e = b.Starts[r]; e < b.Starts[r + 1]; e++) row[b.Indices[e]] = row.GetValueOrDefault(b.Indices[e]) + q * b.Values[e];
            indices.AddRange(row.Keys);
            values.AddRange(row.Values);
            starts[r + 1] = indices.Count;
        }
        return new CsrMatrix(a.Rows, a.Columns, starts, [.. indices], [.. values]);
    }
}
