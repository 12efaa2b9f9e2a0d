using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Tables;
using LmmRec.Tables;
using LmmRec.Tables.Files;

namespace LmmRec.Ingest.Sources.Amazon;

/// <summary>A category of Amazon's reviews, of whatever edition.</summary>
/// <param name="openInteractions">opens the file of reviews or ratings</param>
/// <param name="form">its form</param>
/// <param name="openProducts">opens the file of products</param>
/// <param name="product">reads one of them</param>
internal sealed class AmazonSource(
    FileOpener openInteractions, InteractionTableOptions form, FileOpener openProducts, ProductReader product) : IDataSource
{
    private const string ProductKind = "metadata line", FileKind = "file";
    private const int LinesAtATime = 1 << 12; // progress and cancellation are no business of every line

    public bool IdsAreIndices => false;

    public async Task<InteractionTable> ReadInteractionsAsync(IngestLog log, CancellationToken cancellation)
    {
        using var file = await openInteractions(cancellation);
        var table = new TableSource(Path.GetDirectoryName(file.Path)!, form with { Files = [Path.GetFileName(file.Path)] }, items: null);
        return await table.ReadInteractionsAsync(log, cancellation);
    }

    public async Task<IReadOnlyDictionary<string, ItemRecord>?> ReadCatalogueAsync(IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation)
    {
        using var file = await openProducts(cancellation);
        StandIn.Refuse(file.Path);
        return ReadProducts(file.Path, keys, log, cancellation);
    }

    private Dictionary<string, ItemRecord> ReadProducts(string path, IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation)
    {
        var records = new Dictionary<string, ItemRecord>(keys.Count, StringComparer.Ordinal);
        var name = Path.GetFileName(path);
        using var task = log.Progress.Start(name, total: null);
        var (used, read, duplicates) = (0L, 0L, 0L);
        try
        {
            using var stream = PackedFile.Open(path);
            var lines = new Utf8Lines(stream, TableReader.MaxRow);
            for (; lines.TryRead(out var line); read = lines.Number)
            {
                if (lines.Number % LinesAtATime == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    task.Advance(LinesAtATime);
                }
                if (line.IsEmpty && !lines.TooLong) continue;
                if ((lines.TooLong ? LineFault.TooLong : Read(line)) is { } fault)
                    log.Failed(ProductKind, $"{name}, line {lines.Number}", url: null, fault);
                else used++;
            }
        }
        catch (InvalidDataException e)
        {
            log.Failed(FileKind, $"{name}, line {read + 1}", url: null, $"{e.Message}; the lines from this one on are lost");
        }
        log.Used(ProductKind, used);
        log.Dropped["duplicateItems"] = duplicates;
        task.Advance(read % LinesAtATime);
        return records;

        string? Read(ReadOnlySpan<byte> line)
        {
            try
            {
                var (key, item) = product(line);
                if (keys.Contains(key) && !records.TryAdd(key, item)) duplicates++; // the first counts
                return null;
            }
            catch (Exception e) when (LineFault.Of(e) is { } fault)
            {
                return fault;
            }
        }
    }
}
