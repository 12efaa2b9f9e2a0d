namespace LmmRec.Graphs;

/// <summary>
/// A sparse matrix for runtimes without a sparse operator: rows of similar degree form a bucket, a dense table as wide as its longest row, so
/// that a product is a Gather and a MatMul per bucket. Shorter rows are filled up with their own first column and the value zero.
/// </summary>
internal sealed class DegreeBuckets
{
    /// <summary>More buckets mean less filling and more operators; at the degrees of Amazon Baby sixteen fill up a tenth, eight a third.</summary>
    public const int Count = 16;

    public DegreeBuckets(SparsePattern pattern)
    {
        var degrees = Enumerable.Range(0, pattern.Rows).Select(row => pattern.RowPointers[row + 1] - pattern.RowPointers[row]).ToArray();
        var widths = BestWidths(degrees);
        var rows = Array.ConvertAll(widths, _ => new List<int>());
        for (var row = 0; row < degrees.Length; row++) rows[Array.FindIndex(widths, w => w >= degrees[row])].Add(row);

        Widths = Array.ConvertAll(widths, w => (long)w);
        Heights = Array.ConvertAll(rows, r => (long)r.Count);
        Columns = Tables(rows, widths, pattern, pattern.ColumnIndices, row => degrees[row] == 0 ? 0 : pattern.ColumnIndices[pattern.RowPointers[row]]);
        Positions = Tables(rows, widths, pattern, pattern.Positions, _ => pattern.NonZeros);
        Places = new int[pattern.Rows];
        var next = 0;
        foreach (var row in rows.SelectMany(r => r)) Places[row] = next++;
    }

    /// <summary>The number of rows in each bucket's table. [Count]</summary>
    public long[] Heights { get; }

    /// <summary>The width of each bucket's table, ascending. [Count]</summary>
    public long[] Widths { get; }

    /// <summary>The tables of column indices, bucket after bucket, row-major. [Σ height · width]</summary>
    public int[] Columns { get; }

    /// <summary>The tables of positions in the vector of values; the number of non-zeros stands for the value zero. [Σ height · width]</summary>
    public int[] Positions { get; }

    /// <summary>Where each row of the matrix stands among the rows of all tables. [rows]</summary>
    public int[] Places { get; }

    private static int[] Tables(List<int>[] rows, int[] widths, SparsePattern pattern, int[] source, Func<int, int> filling)
    {
        var tables = new List<int>(pattern.NonZeros * 5 / 4);
        for (var b = 0; b < Count; b++)
            foreach (var row in rows[b])
            {
                var (start, end) = (pattern.RowPointers[row], pattern.RowPointers[row + 1]);
                tables.AddRange(source.AsSpan(start, end - start));
                tables.AddRange(Enumerable.Repeat(filling(row), widths[b] - (end - start)));
            }
        return [.. tables];
    }

    /// <summary>The widths, ascending, that make the tables smallest (dynamic programming over the degrees that occur); the last holds the longest row.</summary>
    internal static int[] BestWidths(int[] degrees)
    {
        var candidates = degrees.Select(d => Math.Max(d, 1)).GroupBy(d => d).OrderBy(g => g.Key).Select(g => (Width: g.Key, Rows: (long)g.Count())).ToArray();
        var n = candidates.Length;
        var rowsBefore = new long[n + 1];
        for (var i = 0; i < n; i++) rowsBefore[i + 1] = rowsBefore[i] + candidates[i].Rows;
        // cost[b, i]: the size of b tables for the i smallest degrees; from[b, i]: how many of these the first b − 1 tables hold.
        var cost = new long[Count + 1, n + 1];
        var from = new int[Count + 1, n + 1];
        for (var i = 1; i <= n; i++) cost[0, i] = long.MaxValue / 2;
        for (var b = 1; b <= Count; b++)
            for (var i = 1; i <= n; i++)
            {
                cost[b, i] = long.MaxValue;
                for (var j = 0; j < i; j++)
                {
                    var size = cost[b - 1, j] + (rowsBefore[i] - rowsBefore[j]) * candidates[i - 1].Width;
                    if (size < cost[b, i]) (cost[b, i], from[b, i]) = (size, j);
                }
            }
        var widths = new int[Count];
        for (int b = Count, i = n; b > 0; b--)
        {
            widths[b - 1] = i == 0 ? 1 : candidates[i - 1].Width; // fewer degrees than tables: the first ones stay empty
            i = i == 0 ? 0 : from[b, i];
        }
        return widths;
    }
}
