using System.IO.Compression;
using System.Runtime.CompilerServices;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Sources;

/// <summary>A shop that offers Amazon's 2014 files over HTTP: <c>reviews_&lt;Category&gt;_5.json.gz</c> and <c>meta_&lt;Category&gt;.json.gz</c> (spec 1.1, 1.3).</summary>
/// <param name="fetcher">fetches the files</param>
/// <param name="shop">where they are</param>
/// <param name="category">the category in their names</param>
/// <param name="scratch">a folder for a file while it is read</param>
internal sealed class Amazon2014Source(Fetcher fetcher, Uri shop, string category, string scratch) : IDataSource
{
    // The largest category (Books) has 3 GB of reviews, 9 GB unzipped, and no line above 100 000 characters.
    private const long MaxFileBytes = 16L << 30, MaxCharacters = 64L << 30;
    private const int MaxLine = 1 << 20;

    private const string ReviewKind = "review", MetadataKind = "metadata line";

    public bool IdsAreIndices => false;

    public async Task<InteractionTable> ReadInteractionsAsync(IngestLog log, CancellationToken cancellation)
    {
        var rows = new InteractionBuilder();
        var file = $"reviews_{category}_5.json.gz";
        await foreach (var (text, line) in ReadLinesAsync(file, log.Progress, cancellation))
        {
            if (!AmazonLines.TryReadReview(text, out var review, out var fault))
            {
                log.Failed(ReviewKind, $"{file}, line {line}", url: null, fault);
                continue;
            }
            log.Used(ReviewKind);
            rows.Add(review.User, review.Item, review.Rating, review.Time);
        }
        if (rows.Count == 0)
            throw new InvalidInputException($"{new Uri(shop, file)}: holds no usable review ({log.Of(ReviewKind).Failed} unusable lines); is it the right file?");
        return rows.Build();
    }

    public async Task<IReadOnlyDictionary<string, ItemRecord>?> ReadCatalogueAsync(IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation)
    {
        var records = new Dictionary<string, ItemRecord>(StringComparer.Ordinal);
        var file = $"meta_{category}.json.gz";
        await foreach (var (text, line) in ReadLinesAsync(file, log.Progress, cancellation))
        {
            if (!AmazonLines.TryReadMetadata(text, out var asin, out var record, out var fault))
            {
                log.Failed(MetadataKind, $"{file}, line {line}", url: null, fault);
                continue;
            }
            log.Used(MetadataKind);
            if (keys.Contains(asin)) records.TryAdd(asin, record); // the first of equal ones counts
        }
        return records;
    }

    public IReadOnlyList<IFeatureMatrix> OpenMatrices(IReadOnlyList<string> read, IReadOnlyList<string> kept, IngestLog log) => [];

    // Fetched whole before the first line is read, so that a broken transfer is tried again and leaves no half-read table.
    private async IAsyncEnumerable<(string Text, int Line)> ReadLinesAsync(
        string file, IProgressSink progress, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var url = new Uri(shop, file);
        await using var download = new FileStream(Path.Combine(scratch, file), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        });
        if ((await fetcher.FetchAsync(url, download, MaxFileBytes, known: null, cancellation)).Fault is { } reason)
            throw new InvalidInputException($"{url}: cannot be fetched: {reason}; check the address and that the shop is up");

        download.Position = 0;
        await using var gzip = new GZipStream(download, CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        var lines = new BoundedLines(reader, url, MaxLine, MaxCharacters);
        using var task = progress.Start(file, total: null);
        for (var line = 1; await ReadLineAsync(lines, url, line, cancellation) is { } text; line++)
        {
            task.Advance(1);
            if (text.Length > 0) yield return (text, line);
        }
    }

    private static async Task<string?> ReadLineAsync(BoundedLines lines, Uri url, int line, CancellationToken cancellation)
    {
        try
        {
            return await lines.ReadAsync(cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException($"{url}: the gzip data break off or are damaged at line {line} ({e.Message}); the shop must offer the whole file", e);
        }
    }
}
