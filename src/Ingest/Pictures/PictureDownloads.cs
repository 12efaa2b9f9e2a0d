using System.Collections.Concurrent;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;

namespace LmmRec.Ingest.Pictures;

/// <summary>Gets the pictures that are wished for: from the run before, from files, and from their hosts, each at its own pace so that a slow one holds up none.</summary>
/// <param name="fetcher">asks the hosts</param>
/// <param name="options">how</param>
/// <param name="former">what the run before got</param>
/// <param name="asks">what is asked for again though the run before got it</param>
/// <param name="clock">when things were fetched</param>
/// <param name="done">is given each outcome and its file, whole (empty where there is none, or the run before holds it); from any thread</param>
internal sealed class PictureDownloads(
    Fetcher fetcher, ImageOptions options, FormerPictures former, AskAgain asks, TimeProvider clock, PictureDownloads.Done done)
{
    /// <summary>Takes an outcome.</summary>
    public delegate void Done(PictureEntry entry, ReadOnlySpan<byte> file);

    /// <summary>Ends when there is an outcome for each wish that has a place.</summary>
    public async Task RunAsync(IEnumerable<PictureWish> wishes, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var queues = wishes.Where(w => w.Places.Count > 0).GroupBy(HostOf, StringComparer.OrdinalIgnoreCase).Select(host => new ConcurrentQueue<PictureWish>(host));
        var workers = queues.SelectMany(queue => Enumerable.Range(0, Math.Min(queue.Count, fetcher.ConnectionsPerHost)).Select(_ => Task.Run(() => WorkAsync(queue), stop.Token))).ToList();
        await Task.WhenAll(workers);

        async Task WorkAsync(ConcurrentQueue<PictureWish> queue)
        {
            using var sink = new MemoryStream();
            try
            {
                while (!stop.IsCancellationRequested && queue.TryDequeue(out var wish)) await GetAsync(wish, sink, stop.Token);
            }
            catch
            {
                await stop.CancelAsync(); // a full disk, say, ends them all
                throw;
            }
        }
    }

    private static string HostOf(PictureWish wish) => wish.First is { IsFile: false } place ? PictureAddress.HostOf(place.Text)! : "";

    // Where none of the places gives a picture, the last one's reason counts.
    private async Task GetAsync(PictureWish wish, MemoryStream sink, CancellationToken cancellation)
    {
        if (former.TakenOver(wish, options, asks) is { } here)
        {
            var note = here.Note ?? new FetchNote(wish.ItemId, here.Url, 0, clock.GetUtcNow(), 0, clock.GetUtcNow(), null);
            done(new PictureEntry(wish.ItemId, here.Url, PictureStatus.Ok, here.HttpStatus, null, here.File, here.Image, note) { Asks = asks, WasAsked = false }, []);
            return;
        }
        var before = former.Of(wish, options);
        PictureEntry? entry = null;
        foreach (var place in wish.Places)
        {
            entry = await AskAsync(wish.ItemId, place, before, sink, cancellation);
            if (entry.File is not null) break;
        }
        var file = entry!.File is null || entry.FormerImage is not null ? [] : sink.GetBuffer().AsSpan(0, (int)sink.Length);
        done((entry.File is null && before is not null ? Kept(entry, before) : entry) with { Asks = asks }, file);
    }

    private async Task<PictureEntry> AskAsync(string itemId, PicturePlace place, FormerPicture? before, MemoryStream sink, CancellationToken cancellation)
    {
        var shown = place.Shown;
        var start = clock.GetTimestamp();
        var when = clock.GetUtcNow();
        sink.SetLength(0);
        Fetched fetched;
        if (place.Fault is not null) fetched = new Fetched(FetchEnd.Failed, place.Fault, null, null, 0);
        else if (place.IsFile)
        {
            var missing = await LocalPicture.ReadAsync(place.Text, sink, options.MaxBytes, cancellation);
            fetched = new Fetched(missing is null ? FetchEnd.Came : FetchEnd.Failed, missing, null, null, 0);
        }
        else fetched = await fetcher.FetchAsync(new Uri(place.Text), sink, options.MaxBytes, former.IsTrusted(options) && before?.Url == shown ? before.Version : null, cancellation);

        var note = new FetchNote(itemId, shown, fetched.Attempts, when, Math.Round(clock.GetElapsedTime(start).TotalSeconds, 3), when, fetched.Version ?? before?.Version);
        if (fetched.End == FetchEnd.Unchanged)
            return new PictureEntry(itemId, shown, PictureStatus.Ok, before!.HttpStatus, null, before.File, before.Image, note);
        var fault = fetched.Fault;
        if (fetched.End == FetchEnd.Came && Read(sink, out fault) is { } file)
            return new PictureEntry(itemId, shown, PictureStatus.Ok, fetched.HttpStatus, null, file, null, note);
        var status = fetched.End switch { FetchEnd.OptedOut => PictureStatus.OptedOut, FetchEnd.HostAway => PictureStatus.HostAway, _ => PictureStatus.Failed };
        return new PictureEntry(itemId, shown, status, fetched.HttpStatus, fault, null, null, note with { Came = null, Version = null });
    }

    private static PictureFile? Read(MemoryStream sink, out string? fault)
    {
        var bytes = sink.ToArray();
        fault = StandIn.Of(bytes);
        return fault is null && PictureHeader.TryRead(bytes, out var width, out var height, out fault) ? new PictureFile(bytes.Length, Hashing.OfBytes(bytes), width, height) : null;
    }

    // A picture that came once stays for a while, but not against its owner's word. A host that is away says nothing of its pictures.
    private PictureEntry Kept(PictureEntry today, FormerPicture before)
    {
        var isGone = today.Status != PictureStatus.HostAway;
        var goneSince = before.Note?.GoneSince ?? (isGone ? today.Note.When : null);
        if (goneSince > today.Note.When) goneSince = today.Note.When; // by a clock that was ahead then
        var isOver = isGone && (options.KeepGoneDays == 0 || today.Note.When - goneSince > TimeSpan.FromDays(options.KeepGoneDays));
        if (today.Status == PictureStatus.OptedOut || isOver) return today;
        var note = today.Note with { Url = before.Url, Came = before.Note?.Came, Version = before.Version, GoneSince = goneSince };
        return today with { Url = before.Url, Status = PictureStatus.Kept, File = before.File, FormerImage = before.Image, Note = note };
    }
}
