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
        var (indices, values) = (new int[a.Entries + b.Entries], new float[a.Entries + b.Entries]);
        var count = 0;
        for (var r = 0; r < a.Rows; r++)
        {
            var start = count;
            Append(p, a, r);
            Append(q, b, r);
            Array.Sort(indices, values, start, count - start);
            count = Join(start, count);
            starts[r + 1] = count;
        }
        return new CsrMatrix(a.Rows, a.Columns, starts, indices[..count], values[..count]);

        void Append(float factor, CsrMatrix m, int row)
        {
            for (var e = m.Starts[row]; e < m.Starts[row + 1]; e++) (indices[count], values[count++]) = (m.Indices[e], factor * m.Values[e]);
        }

        // Entries of one column, which lie side by side, become one.
        int Join(int start, int end)
        {
            var to = start;
            for (var e = start; e < end; e++)
                if (to > start && indices[to - 1] == indices[e]) values[to - 1] += values[e];
                else (indices[to], values[to++]) = (indices[e], values[e]);
            return to;
        }
    }
}
