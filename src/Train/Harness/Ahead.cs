namespace LmmRec.Train.Harness;

/// <summary>Makes the next element of a sequence while the present one is used.</summary>
internal static class Ahead
{
    /// <summary>The elements of <paramref name="source"/>, in its order, each made on another thread during the use of the one before it.</summary>
    public static IEnumerable<T> Of<T>(IEnumerable<T> source)
    {
        using var elements = source.GetEnumerator();
        var next = Task.Run(elements.MoveNext);
        try
        {
            while (next.GetAwaiter().GetResult())
            {
                var element = elements.Current;
                next = Task.Run(elements.MoveNext);
                yield return element;
            }
        }
        finally
        {
            Task.WaitAny(next); // a sequence that is left early must not be disposed of while it runs
        }
    }
}
