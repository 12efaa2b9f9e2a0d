using System.Runtime.CompilerServices;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;

namespace LmmRec.Ingest.Pictures;

/// <summary>What became of an item's picture: a row, or why there is none.</summary>
internal sealed record PictureOutcome(ItemRow Item, ImageRow? Row, string? Fault);

/// <summary>Downloads pictures, many at a time, and hands them out in the order of the items, so that the tables' bytes do not depend on the network.</summary>
internal sealed class PictureDownloads(Fetcher fetcher, ImageOptions options)
{
    /// <summary>The outcome for each item that has an address. Held in memory: at most twice <see cref="ImageOptions.Concurrency"/> pictures.</summary>
    public async IAsyncEnumerable<PictureOutcome> RunAsync(IEnumerable<ItemRow> items, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var places = new SemaphoreSlim(options.Concurrency);
        var window = new Queue<Task<PictureOutcome>>();
        try
        {
            foreach (var item in items.Where(i => i.ImageUrl is not null))
            {
                // Twice as many in the window as under way: one slow picture at its head does not idle the others.
                if (window.Count == 2 * options.Concurrency) yield return await window.Dequeue();
                window.Enqueue(DownloadAsync(item, places, stop.Token));
            }
            while (window.Count > 0) yield return await window.Dequeue();
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll((IEnumerable<Task>)window).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // their only fault is the cancellation
        }
    }

    private async Task<PictureOutcome> DownloadAsync(ItemRow item, SemaphoreSlim places, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation);
        try
        {
            if (!Uri.TryCreate(item.ImageUrl, UriKind.Absolute, out var url)) return new PictureOutcome(item, null, "is no http(s) address");
            using var sink = new MemoryStream();
            if (await fetcher.FetchAsync(url, sink, options.MaxBytes, cancellation) is { } fault) return new PictureOutcome(item, null, fault);
            var bytes = sink.ToArray();
            if (!PictureHeader.TryRead(bytes, out var width, out var height, out fault)) return new PictureOutcome(item, null, fault);
            return new PictureOutcome(item, new ImageRow(item.Item, item.ItemId, item.ImageUrl!, Hashing.OfBytes(bytes), width, height, bytes), null);
        }
        finally
        {
            places.Release();
        }
    }
}
