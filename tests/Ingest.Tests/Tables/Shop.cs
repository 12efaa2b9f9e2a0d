using System.IO.Compression;
using System.Text;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Sources;
using LmmRec.Ingest.Tables;
using ZstdSharp;

namespace LmmRec.Ingest.Tests.Tables;

/// <summary>A data folder with the tables of a shop, and what ingest reads from them.</summary>
internal sealed class Shop : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Quiet _said = new();

    public Shop() => Log = new IngestLog(_said);

    public static InteractionTableOptions Orders { get; } = new()
    {
        Files = ["orders.csv"],
        Columns = new InteractionColumns { User = "customer", Item = "sku", Rating = "stars", Time = "at" },
    };

    public string Folder => _folder.Path;

    public IngestLog Log { get; }

    /// <summary>What was said while reading.</summary>
    public IReadOnlyList<string> Notes => _said.Notes;

    /// <summary>The reasons of all failures, each with its place.</summary>
    public IEnumerable<string> Failures => Log.Failures.Select(failure => $"{failure.Kind}: {failure.Id}: {failure.Reason}");

    public Shop Write(string name, string text, Encoding? encoding = null) => Write(name, [.. (encoding ?? new UTF8Encoding(false)).GetPreamble(), .. (encoding ?? Encoding.UTF8).GetBytes(text)]);

    public Shop Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.In(name))!);
        File.WriteAllBytes(_folder.In(name), bytes);
        return this;
    }

    public Task<InteractionTable> ReadAsync(InteractionTableOptions options) =>
        new TableSource(Folder, options, null).ReadInteractionsAsync(Log, TestContext.Current.CancellationToken);

    /// <summary>The interactions as lines <c>user item rating time</c>.</summary>
    public async Task<string[]> LinesAsync(InteractionTableOptions options)
    {
        var table = await ReadAsync(options);
        return [.. table.Rows.Select(row => FormattableString.Invariant($"{table.Users[row.User]} {table.Items[row.Item]} {row.Rating} {row.Time:yyyy-MM-dd HH:mm:ss}").TrimEnd())];
    }

    /// <summary>The records of the items <paramref name="ids"/>.</summary>
    public async Task<IReadOnlyDictionary<string, ItemRecord>> ItemsAsync(ItemTableOptions options, params string[] ids) =>
        (await new TableSource(Folder, Orders, options).ReadCatalogueAsync(ids.ToHashSet(), Log, TestContext.Current.CancellationToken))!;

    public void Dispose() => _folder.Dispose();

    public static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    public static byte[] Zstd(string text)
    {
        using var compressor = new Compressor();
        return compressor.Wrap(Encoding.UTF8.GetBytes(text)).ToArray();
    }
}
