using System.Runtime.CompilerServices;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;

namespace LmmRec.Ingest.Pictures;

/// <summary>An item and where its picture may be had: http(s) addresses and absolute paths, the preferred first.</summary>
internal sealed record PictureWish(ItemRow Item, IReadOnlyList<string> Pictures);

/// <summary>What became of an item's picture: a row, or why there is none.</summary>
internal sealed record PictureOutcome(ItemRow Item, ImageRow? Row, string? Fault);

/// <summary>Fetches pictures, many at a time, and hands them out in the order of the items, so that the tables' bytes do not depend on the network.</summary>
internal sealed class PictureDownloads(Fetcher fetcher, ImageOptions options)
{
    /// <summary>The outcome for each item that has an address. Held in memory: at most twice <see cref="ImageOptions.Concurrency"/> pictures.</summary>
    public async IAsyncEnumerable<PictureOutcome> RunAsync(IEnumerable<PictureWish> wishes, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var places = new SemaphoreSlim(options.Concurrency);
        var window = new Queue<Task<PictureOutcome>>();
        try
        {
            foreach (var wish in wishes.Where(w => w.Pictures.Count > 0))
            {
                // Twice as many in the window as under way: one slow picture at its head does not idle the others.
                if (window.Count == 2 * options.Concurrency) yield return await window.Dequeue();
                window.Enqueue(FirstThatCanBeHadAsync(wish, places, stop.Token));
            }
            while (window.Count > 0) yield return await window.Dequeue();
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll((IEnumerable<Task>)window).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // their only fault is the cancellation
        }
    }

    // Where none can be had, the reason is that of the last one.
    private async Task<PictureOutcome> FirstThatCanBeHadAsync(PictureWish wish, SemaphoreSlim places, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation);
        try
        {
            string? fault = null;
            foreach (var address in wish.Pictures)
            {
                (var picture, fault) = await PictureAsync(wish.Item, address, cancellation);
                if (picture is not null) return new PictureOutcome(wish.Item, picture, null);
            }
            return new PictureOutcome(wish.Item, null, fault);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task<(ImageRow? Row, string? Fault)> PictureAsync(ItemRow item, string address, CancellationToken cancellation)
    {
        using var sink = new MemoryStream();
        var fault = Path.IsPathFullyQualified(address) ? await LocalPicture.ReadAsync(address, sink, options.MaxBytes, cancellation)
            : Uri.TryCreate(address, UriKind.Absolute, out var url) ? await fetcher.FetchAsync(url, sink, options.MaxBytes, cancellation)
            : "is no http(s) address";
        if (fault is not null) return (null, fault);
        var bytes = sink.ToArray();
        return PictureHeader.TryRead(bytes, out var width, out var height, out fault)
            ? (new ImageRow(item.Item, item.ItemId, PictureAddress.Shown(address), Hashing.OfBytes(bytes), width, height, bytes), null)
            : (null, fault);
    }
}
