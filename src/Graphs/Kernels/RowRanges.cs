namespace LmmRec.Graphs.Kernels;

/// <summary>How kernels share rows among threads: some ranges per thread, so that one that is late costs little.</summary>
internal static class RowRanges
{
    /// <summary>Enough for 16 threads; more ranges cost the same sums, in the same order.</summary>
    public const int Count = 64;

    /// <summary>Range <paramref name="part"/> of <paramref name="rows"/> rows, equal in rows.</summary>
    public static (int Start, int End) Equal(int part, int rows) => ((int)((long)rows * part / Count), (int)((long)rows * (part + 1) / Count));

    /// <summary>Range <paramref name="part"/> of the rows of a sparse matrix, about equal in rows plus non-zeros.</summary>
    public static (int Start, int End) Balanced(int part, ReadOnlySpan<int> rowPointers) => (FirstRow(part, rowPointers), FirstRow(part + 1, rowPointers));

    /// <summary>The first row before which at least part / Count of the work lies.</summary>
    private static int FirstRow(int part, ReadOnlySpan<int> rowPointers)
    {
        var rows = rowPointers.Length - 1;
        var goal = ((long)rows + rowPointers[^1]) * part / Count;
        var (low, high) = (0, rows);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if ((long)middle + rowPointers[middle] < goal) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
