using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;

namespace LmmRec.Ingest.Pictures;

/// <summary>A picture that the artifact of the run before holds.</summary>
/// <param name="Url">where it came from, as shown</param>
/// <param name="IsKept">it could not be had any more even then</param>
/// <param name="HttpStatus">with which it came</param>
/// <param name="File">its size and hash</param>
/// <param name="Image">its row of the table images</param>
/// <param name="Note">when it was fetched; null where the notes did not travel with the artifact</param>
internal sealed record FormerPicture(string Url, bool IsKept, int? HttpStatus, PictureFile File, int Image, FetchNote? Note)
{
    public ContentVersion? Version => Note?.Version;
}

/// <summary>The pictures of the artifact of the run before, whatever it was made from: what is there need not be fetched.</summary>
internal sealed class FormerPictures
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Dictionary<string, FormerPicture> _pictures = new(StringComparer.Ordinal);
    private readonly RowLookup<ImageRow> _images;
    private readonly string _folder;
    private readonly bool _honouredOptOut; // else nobody knows what servers say of what it holds

    private FormerPictures(string folder, bool honouredOptOut) =>
        (_folder, _honouredOptOut, _images) = (folder, honouredOptOut, new RowLookup<ImageRow>(folder));

    /// <summary>What <paramref name="folder"/> holds; nothing where it is no finished and whole artifact, or one of a version without this table.</summary>
    public static async Task<FormerPictures> ReadAsync(string folder, CancellationToken cancellation)
    {
        var manifest = Manifest.IfReadable(folder);
        var former = new FormerPictures(folder, (bool?)manifest?.Recipe.Options["images"]?["honourOptOut"] ?? true);
        if (manifest is null || !manifest.Files.ContainsKey(Path.GetFileName(TableFile.PathOf<PictureRow>(folder)))
            || Verification.MissingOrCutOff(folder, manifest).Count > 0 || await DamagedRowsAsync(folder, manifest, cancellation) is not { } damaged) return former;
        var notes = new Dictionary<string, FetchNote>(StringComparer.Ordinal);
        var path = Path.Combine(folder, Manifest.FetchesFileName);
        if (File.Exists(path))
            await foreach (var line in File.ReadLinesAsync(path, cancellation))
                if (Parse(line) is { } note) notes[note.ItemId] = note;
        await foreach (var row in TableFile.StreamAsync<PictureRow>(TableFile.PathOf<PictureRow>(folder), cancellation))
            if (row is { Url: { } url, Image: { } image, Bytes: { } bytes, Sha256: { } sha256, Width: { } width, Height: { } height } && !damaged.Any(rows => image >= rows.First && image < rows.End))
                former._pictures[row.ItemId] = new FormerPicture(
                    url, row.Status == PictureStatus.Kept, row.HttpStatus, new PictureFile(bytes, sha256, width, height), image, notes.GetValueOrDefault(row.ItemId));
        return former;
    }

    /// <summary>The picture that the item had; null: none.</summary>
    public FormerPicture? Of(string itemId) => _pictures.GetValueOrDefault(itemId);

    /// <summary>The picture that the item had, where it is what is wished for; null: it has to be fetched anew.</summary>
    public FormerPicture? Of(PictureWish wish, ImageOptions options) =>
        Of(wish.ItemId) is { } before && before.File.Bytes <= options.MaxBytes && wish.Names(before.Url) ? before : null;

    /// <summary>The picture that is taken over without asking anybody; null: there is none. Files of the user's are read anew, since that costs nothing.</summary>
    public FormerPicture? TakenOver(PictureWish wish, ImageOptions options, AskAgain asks) =>
        asks != AskAgain.Everything && IsTrusted(options) && !wish.Places.Any(place => place.IsFile) && Of(wish, options) is { IsKept: false } before ? before : null;

    /// <summary>Whether what it holds may be taken over. Where nobody knows whether a picture is barred, its whole answer must tell.</summary>
    public bool IsTrusted(ImageOptions options) => _honouredOptOut || !options.HonourOptOut;

    /// <summary>The file in row <paramref name="image"/>.</summary>
    /// <exception cref="InvalidInputException">It is not the file that <paramref name="sha256"/> names.</exception>
    public async ValueTask<byte[]> BytesAsync(int image, string sha256, CancellationToken cancellation)
    {
        var bytes = (await _images.ReadAsync(image, cancellation)).Bytes;
        return Hashing.OfBytes(bytes) == sha256 ? bytes
            : throw new InvalidInputException($"{_folder}: row {image} of the table 'images' is damaged; run 'lmmrec verify', then 'lmmrec ingest', which asks for what is damaged again");
    }

    // The rows of the table images that lie in damaged files, where 'lmmrec verify' found some; null: what says where rows lie is damaged itself.
    private static async Task<IReadOnlyList<(int First, int End)>?> DamagedRowsAsync(string folder, Manifest manifest, CancellationToken cancellation)
    {
        if (FailedStep.TryRead(folder) is not { Cause: FailedStep.Damaged }) return [];
        if (!await IsWholeAsync(Path.GetFileName(TableFile.PathOf<PictureRow>(folder)))) return null;
        var (damaged, first) = (new List<(int First, int End)>(), 0);
        foreach (var name in TableFile.Shards(folder, TableFile.NameOf<ImageRow>()).Select(path => Path.GetFileName(path)))
        {
            if (manifest.Files.GetValueOrDefault(name)?.Rows is not { } rows) return null;
            if (!await IsWholeAsync(name)) damaged.Add((first, first + (int)rows));
            first += (int)rows;
        }
        try
        {
            await TableFile.GroupsAsync<ImageRow>(folder, cancellation: cancellation);
            return damaged;
        }
        catch (InvalidInputException)
        {
            return null;
        }

        async Task<bool> IsWholeAsync(string name) => await Hashing.OfFileAsync(Path.Combine(folder, name), cancellation) == manifest.Files[name].Sha256;
    }

    // The notes are outside the hashes, so anybody may have changed them.
    private static FetchNote? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<FetchNote>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
