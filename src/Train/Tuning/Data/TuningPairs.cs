using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders.Images;

namespace LmmRec.Train.Tuning.Data;

/// <summary>
/// The pairs of picture and text that an encoder is tuned on (docs/encoders.md#fine-tuning-data): one of each item that has both, in index order. Pictures
/// and texts lie in files of the unfinished work, where threads read them at random; in memory are some fifty bytes a pair.
/// </summary>
internal sealed class TuningPairs : IDisposable
{
    private readonly ItemPools _pools;
    private readonly List<Pair> _pairs = [];
    private readonly Dictionary<string, int> _categories = new(StringComparer.Ordinal);
    private int _withoutPicture, _withoutText, _undecodable;

    private TuningPairs(string folder) => _pools = new ItemPools(folder);

    /// <summary>The pairs.</summary>
    public IReadOnlyList<Pair> All => _pairs;

    /// <summary>The top categories, the first entries of items' category paths, in the order in which they came.</summary>
    public IReadOnlyList<string> Categories => [.. _categories.Keys];

    /// <summary>What became of the items, for the manifest: each is counted once.</summary>
    public JsonObject Counts => new()
    {
        ["pairs"] = _pairs.Count,
        ["withoutPicture"] = _withoutPicture,
        ["withoutText"] = _withoutText, // but with a picture
        ["undecodable"] = _undecodable,
    };

    /// <summary>
    /// Reads the pairs of <paramref name="ingest"/>. Each picture that a killed run did not leave is decoded once, so that one that cannot be is left out
    /// before the first step and not in the middle of an epoch.
    /// </summary>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="context">where pictures and texts are kept meanwhile</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">Fewer than two items have both, or the artifact is damaged.</exception>
    public static async Task<TuningPairs> ReadAsync(string ingest, StepContext context, CancellationToken cancellation)
    {
        var pairs = new TuningPairs(context.Output.Unfinished);
        try
        {
            using var progress = context.Progress.Start($"read pictures and texts of {context.Output.Recipe.Step}", CatalogueItem.CountOf(ingest));
            await pairs.ReadAsync(ingest, context.Threads, progress, cancellation);
            return pairs._pairs.Count >= 2 ? pairs : throw new InvalidInputException(
                $"{ingest}: {pairs._pairs.Count} items have a picture and a text; tuning needs 2 or more. {pairs._withoutPicture} have no picture, "
                + $"{pairs._withoutText} have one but no text, and the pictures of {pairs._undecodable} cannot be decoded");
        }
        catch
        {
            pairs.Dispose();
            throw;
        }
    }

    /// <summary>The file of a pair's picture; from any thread.</summary>
    public byte[] Picture(int pair) => _pools.Pictures.Read(_pairs[pair].Picture);

    /// <summary>The text of a pair; from any thread.</summary>
    public string Text(int pair) => _pools.Text(_pairs[pair].Text);

    public void Dispose() => _pools.Dispose();

    private async Task ReadAsync(string ingest, int threads, IProgressTask progress, CancellationToken cancellation)
    {
        var files = new CataloguePictures(ingest);
        var known = new HashSet<UInt128>(_pools.Pictures.Keys);
        var items = CatalogueItem.ReadAsync(ingest, cancellation).Select(async (CatalogueItem item, CancellationToken token) =>
            (Item: item, File: item is { Text.Length: > 0, Picture: var (sha256, _) } && known.Add(Hashing.Half(sha256)) ? await files.ReadAsync(item, token) : null));
        await foreach (var (item, file, fault) in items.SelectAheadAsync(read => (read.Item, read.File, FaultOf(read.File)), threads, cancellation))
        {
            if (file is not null) _pools.Pictures.Add(item.Picture!.Value.Sha256, file, fault);
            Add(item);
            progress.Advance(1);
        }
    }

    private void Add(CatalogueItem item)
    {
        if (item.Picture is not var (sha256, _))
        {
            _withoutPicture++;
            return;
        }
        if (item.TextSha256 is not { } textSha256)
        {
            _withoutText++;
            return;
        }
        var picture = Hashing.Half(sha256);
        if (!_pools.Pictures.Holds(picture))
        {
            _undecodable++;
            return;
        }
        _pairs.Add(new Pair(item.Item, picture, _pools.AddText(textSha256, item.Text), IndexOf(item.Category)));
    }

    private int IndexOf(string? category)
    {
        if (category is null) return -1;
        _categories.TryAdd(category, _categories.Count);
        return _categories[category];
    }

    private static string? FaultOf(byte[]? file) =>
        file is null || ImageDecoder.TryDecode(file, applyOrientation: false, _ => "decoded", out _, out var reason) ? null : reason;
}
