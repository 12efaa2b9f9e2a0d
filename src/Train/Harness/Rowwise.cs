using System.Runtime.ExceptionServices;

namespace LmmRec.Train.Harness;

/// <summary>Work on each row of a batch by several threads.</summary>
internal static class Rowwise
{
    /// <summary>Does <paramref name="work"/> for all rows. What it throws comes out as it was thrown, of several rows that of the first.</summary>
    /// <param name="rows">number of rows</param>
    /// <param name="threads">threads to use</param>
    /// <param name="work">takes a row</param>
    public static void Do(int rows, int threads, Action<int> work)
    {
        var faults = new Exception?[rows];
        Parallel.For(0, rows, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            try
            {
                work(row);
            }
            catch (Exception e)
            {
                faults[row] = e;
            }
        });
        if (Array.Find(faults, fault => fault is not null) is { } first) ExceptionDispatchInfo.Throw(first);
    }
}
