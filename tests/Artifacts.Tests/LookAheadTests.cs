using System.Runtime.CompilerServices;

namespace LmmRec.Artifacts.Tests;

public sealed class LookAheadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_come_in_order_however_long_each_takes()
    {
        using var first = new ManualResetEventSlim();
        var results = new List<int>();
        // The first is ready only when the third is.
        await foreach (var result in Source(5, cancellation: Cancellation).SelectAheadAsync(n =>
        {
            if (n == 0) first.Wait(Cancellation);
            if (n == 2) first.Set();
            return n;
        }, ahead: 3, Cancellation)) results.Add(result);
        Assert.Equal([0, 1, 2, 3, 4], results);
    }

    [Fact]
    public async Task No_more_is_read_than_was_asked_for_and_what_may_be_ahead()
    {
        var read = 0;
        var taken = 0;
        await foreach (var _ in Source(50, () => read++, cancellation: Cancellation).SelectAheadAsync(n => n, ahead: 3, Cancellation))
            Assert.InRange(read, ++taken, taken + 3 + 2); // one that waits for room, and one in hand
        Assert.Equal(50, taken);
    }

    [Fact]
    public async Task A_fault_of_the_source_or_of_the_work_comes_where_its_result_would()
    {
        Assert.Equal([0, 1, 2], await BeforeTheFault(Source(5, cancellation: Cancellation), n => n == 3 ? throw new InvalidDataException() : n));
        Assert.Equal([0, 1, 2, 3, 4], await BeforeTheFault(Source(5, failsAtEnd: true, cancellation: Cancellation), n => n));

        static async Task<List<int>> BeforeTheFault(IAsyncEnumerable<int> source, Func<int, int> work)
        {
            var seen = new List<int>();
            await Assert.ThrowsAsync<InvalidDataException>(async () =>
            {
                await foreach (var result in source.SelectAheadAsync(work, ahead: 2, Cancellation)) seen.Add(result);
            });
            return seen;
        }
    }

    [Fact]
    public async Task A_source_that_nobody_reads_to_its_end_is_left()
    {
        var left = false;
        await foreach (var _ in Source(int.MaxValue, left: () => left = true, cancellation: Cancellation).SelectAheadAsync(n => n, ahead: 2, Cancellation)) break;
        Assert.True(left);
    }

    private static async IAsyncEnumerable<int> Source(
        int count, Action? read = null, bool failsAtEnd = false, Action? left = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            for (var n = 0; n < count; n++)
            {
                read?.Invoke();
                await Task.Yield();
                cancellation.ThrowIfCancellationRequested();
                yield return n;
            }
            if (failsAtEnd) throw new InvalidDataException();
        }
        finally
        {
            left?.Invoke();
        }
    }
}
