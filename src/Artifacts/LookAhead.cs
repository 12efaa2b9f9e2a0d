using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace LmmRec.Artifacts;

/// <summary>Prepares what follows while somebody uses what came before.</summary>
public static class LookAhead
{
    /// <summary>
    /// What <paramref name="prepare"/> makes of each element, in order. The source is read and up to <paramref name="ahead"/> results are made, side by
    /// side, before they are asked for.
    /// </summary>
    public static async IAsyncEnumerable<TResult> SelectAheadAsync<T, TResult>(
        this IAsyncEnumerable<T> source, Func<T, TResult> prepare, int ahead, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var prepared = Channel.CreateBounded<Task<TResult>>(ahead);
        var reading = Task.Run(ReadAsync, CancellationToken.None);
        try
        {
            await foreach (var result in prepared.Reader.ReadAllAsync(cancellation)) yield return await result;
            await reading;
        }
        finally
        {
            // Nothing may run on when what it works with is disposed of.
            await stop.CancelAsync();
            await Task.WhenAny(reading);
            while (prepared.Reader.TryRead(out var result)) await Task.WhenAny(result);
        }

        async Task ReadAsync()
        {
            try
            {
                await foreach (var element in source.WithCancellation(stop.Token))
                {
                    await prepared.Writer.WaitToWriteAsync(stop.Token);
                    prepared.Writer.TryWrite(Task.Run(() => prepare(element), CancellationToken.None));
                }
            }
            finally
            {
                prepared.Writer.Complete();
            }
        }
    }
}
