using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Ingest.Pictures;

/// <summary>
/// The pictures of one run. All of them are fetched first, in whatever order they come, into a journal that outlives the process, so that nothing is
/// fetched twice; then the tables are written in the order of the items, so that their bytes do not depend on the network. Equal files are stored once.
/// Held in memory per picture: where it lies and what its file hashes to.
/// </summary>
internal sealed class PictureCollection : IDisposable
{
    private const string JournalName = "pictures";
    private const string NoAddress = "the item has no address of one";
    private const int RowsPerShard = 1000;

    // So many items must share a picture before it can be the shop's "no image" picture, however small the shop.
    private const int FewestRepeats = 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly ImageOptions _options;
    private readonly FormerPictures _former;
    private readonly string _unfinished;
    private readonly Dictionary<string, long> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, int> _repeats = [];
    private readonly Lock _arriving = new();
    private Journal<PictureEntry>? _journal; // opened where there is something to get
    private int _withPicture;

    private PictureCollection(ImageOptions options, FormerPictures former, string unfinished) =>
        (_options, _former, _unfinished) = (options, former, unfinished);

    private Journal<PictureEntry> Journal => _journal ??= new Journal<PictureEntry>(_unfinished, JournalName);

    /// <summary>Opens the collection of the step that writes <paramref name="output"/>, with what a killed run had got.</summary>
    public static async Task<PictureCollection> OpenAsync(ImageOptions options, ArtifactWriter output, CancellationToken cancellation) =>
        new(options, await FormerPictures.ReadAsync(output.Replaces, cancellation), output.Unfinished);

    /// <summary>Whether a killed run left something in <paramref name="unfinished"/>, for the step's reason to run.</summary>
    public static string? GoesOn(string unfinished)
    {
        var count = Artifacts.Store.Journal.CountOf(unfinished, JournalName);
        return count > 0 ? $"goes on after {count} pictures" : null;
    }

    /// <summary>Gets what is wished for and not there yet. Afterwards each wish that has an address has an outcome.</summary>
    /// <param name="wishes">one per item</param>
    /// <param name="question">what is asked</param>
    /// <param name="downloads">makes what gets them, given where outcomes go</param>
    /// <param name="advanced">is told of each outcome</param>
    /// <param name="cancellation">ends the fetching; what came stays for the next run</param>
    public async Task GetAsync(
        IReadOnlyList<PictureWish> wishes, PictureQuestion question, Func<FormerPictures, PictureDownloads.Done, PictureDownloads> downloads, Action advanced,
        CancellationToken cancellation)
    {
        var byId = wishes.ToDictionary(w => w.ItemId, StringComparer.Ordinal);
        var answers = new Dictionary<string, long>(StringComparer.Ordinal); // what was asked again has several, of which the last counts
        foreach (var (place, entry) in Journal.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            var isWished = byId.TryGetValue(entry.ItemId, out var wish) && wish.Names(entry.Url);
            if (isWished && question.IsAnsweredBy(entry) && IsThere(entry, place)) answers[entry.ItemId] = place;
        }
        foreach (var place in answers.Values) Take(Journal.Read(place), place);
        await downloads(_former, (entry, file) => Take(entry, Journal.Append(entry, file))).RunAsync(wishes.Where(w => !_places.ContainsKey(w.ItemId)), cancellation);

        // A power cut may have lost the end of what a killed process wrote, and somebody may have deleted the artifact that it went on from.
        bool IsThere(PictureEntry entry, long place) =>
            entry.File is not { } file || (entry.FormerImage is { } image
                ? _former.Of(entry.ItemId) is { } former && former.Image == image && former.File == file
                : Hashing.OfBytes(Journal.Bytes(place)) == file.Sha256);

        void Take(PictureEntry entry, long place)
        {
            lock (_arriving)
            {
                _places[entry.ItemId] = place;
                if (entry.File is { } file)
                {
                    _withPicture++;
                    CollectionsMarshal.GetValueRefOrAddDefault(_repeats, Hashing.Half(file.Sha256), out _)++;
                }
                advanced();
            }
        }
    }

    /// <summary>How many came with other bytes than the artifact before holds for their item, or none; how many are as they were; how many did not come.</summary>
    public (int New, int Unchanged, int Failed) Changes()
    {
        var (came, unchanged, failed) = (0, 0, 0);
        foreach (var (itemId, place) in _places)
        {
            var entry = Journal.Read(place);
            if (entry.File is null || entry.Status == PictureStatus.Kept) failed++;
            else if (_former.Of(itemId)?.File.Sha256 == entry.File.Sha256) unchanged++;
            else came++;
        }
        return (came, unchanged, failed);
    }

    /// <summary>What became of the item's picture, and why there is none that says something about it.</summary>
    public (string Status, string? Reason) OutcomeOf(string itemId) =>
        _places.TryGetValue(itemId, out var place) ? Outcome(Journal.Read(place)) : (PictureStatus.None, NoAddress);

    /// <summary>Writes the tables images and pictures and the notes of all fetches.</summary>
    public async Task WriteAsync(ArtifactWriter output, IReadOnlyList<ItemRow> items, Action<PictureRow> wrote, CancellationToken cancellation)
    {
        var images = new Dictionary<UInt128, int>();
        await output.WriteShardsAsync("images", ImagesAsync(items, images, cancellation), RowsPerShard, cancellation);
        await output.WriteTableAsync(items.Select(item =>
        {
            var row = Row(item, images);
            wrote(row);
            return row;
        }), cancellation);
        if (_places.Count == 0) return;
        await using var notes = new StreamWriter(output.PathFor(Manifest.FetchesFileName)) { NewLine = "\n" };
        foreach (var item in items)
            if (_places.TryGetValue(item.ItemId, out var place)) await notes.WriteLineAsync(JsonSerializer.Serialize(Journal.Read(place).Note, Json));
    }

    public void Dispose() => _journal?.Dispose();

    private async IAsyncEnumerable<ImageRow> ImagesAsync(IReadOnlyList<ItemRow> items, Dictionary<UInt128, int> images, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var item in items)
        {
            if (!_places.TryGetValue(item.ItemId, out var place) || Journal.Read(place) is not { File: { } file } entry
                || !images.TryAdd(Hashing.Half(file.Sha256), images.Count)) continue;
            var bytes = entry.FormerImage is { } image ? await _former.BytesAsync(image, file.Sha256, cancellation) : Journal.Bytes(place);
            yield return new ImageRow(item.Item, item.ItemId, entry.Url, file.Sha256, file.Width, file.Height, bytes);
        }
    }

    private PictureRow Row(ItemRow item, Dictionary<UInt128, int> images)
    {
        if (!_places.TryGetValue(item.ItemId, out var place)) return new PictureRow(item.Item, item.ItemId, null, PictureStatus.None, null, NoAddress, null, null, null, null, null);
        var entry = Journal.Read(place);
        var (status, reason) = Outcome(entry);
        return new PictureRow(item.Item, item.ItemId, entry.Url, status, entry.HttpStatus, reason,
            entry.File?.Bytes, entry.File?.Sha256, entry.File?.Width, entry.File?.Height, entry.File is null ? null : images[Hashing.Half(entry.File.Sha256)]);
    }

    private (string Status, string? Reason) Outcome(PictureEntry entry) => entry.File is { } file && IsPlaceholder(file)
        ? (PictureStatus.Placeholder, $"{_repeats[Hashing.Half(file.Sha256)]} of {_withPicture} items have this picture; "
            + $"ingest.images.placeholderShare is {_options.PlaceholderShare.ToString(CultureInfo.InvariantCulture)}")
        : (entry.Status, entry.Reason);

    private bool IsPlaceholder(PictureFile file) =>
        _repeats[Hashing.Half(file.Sha256)] is var count && count >= FewestRepeats && count >= _options.PlaceholderShare * _withPicture;
}
