using System.Globalization;
using System.IO.Compression;
using LmmRec.Artifacts;
using LmmRec.Ingest;
using LmmRec.Ingest.Tables;

namespace LmmRec.Bench.Works;

/// <summary>Reads a table of two million interactions: to cells, or to interactions with ids. Operations are the bytes of the unpacked text.</summary>
internal sealed class ShopTable : Work
{
    private const int Rows = 2_000_000, Users = 300_000, Items = 60_000;

    private readonly TemporaryFolder _folder = new();
    private readonly InteractionTableOptions _options;
    private readonly bool _cellsAlone;
    private readonly long _bytes;

    /// <param name="json">JSON lines packed by gzip, as Amazon's reviews; else CSV</param>
    /// <param name="cellsAlone">reads cells and makes nothing of them</param>
    public ShopTable(bool json, bool cellsAlone)
    {
        _cellsAlone = cellsAlone;
        _options = new InteractionTableOptions
        {
            Files = [json ? "rows.jsonl.gz" : "rows.csv"],
            Columns = new InteractionColumns { User = "reviewerID", Item = "asin", Rating = "overall", Time = "unixReviewTime" },
        };
        using var file = File.Create(_folder.PathOf(_options.Files[0]));
        using var packed = json ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        using var text = new StreamWriter(packed);
        var random = SeededRandom.For(1, "bench table");
        if (!json) _bytes += Write(text, "reviewerID,asin,overall,unixReviewTime\n");
        for (var row = 0; row < (json ? Rows / 8 : Rows); row++)
        {
            var (user, item) = ($"A{(long)(Math.Pow(random.NextDouble(), 3) * Users) * 7919:D12}X", $"B{(int)(Math.Pow(random.NextDouble(), 3) * Items) * 131:D9}");
            var (rating, time) = (random.NextInt32(5) + 1, 1_400_000_000 + random.NextInt32(100_000_000));
            _bytes += Write(text, json
                ? $"{{\"overall\": {rating}.0, \"verified\": true, \"reviewTime\": \"06 17, 2018\", \"reviewerID\": \"{user}\", \"asin\": \"{item}\", \"reviewerName\": \"name {row}\", \"reviewText\": \"{Review(random)}\", \"summary\": \"Works\", \"unixReviewTime\": {time}}}\n"
                : $"{user},{item},{rating}.0,{time}\n");
        }
    }

    public override string What => $"{_options.Files[0]}, {_bytes / 1_000_000} MB of text, to {(_cellsAlone ? "cells" : "interactions with ids")}";

    public override double Operations => _bytes;

    public override void Run()
    {
        var log = new IngestLog(new Silence());
        if (!_cellsAlone)
        {
            new TableSource(_folder.Path, _options, null).ReadInteractionsAsync(log, CancellationToken.None).GetAwaiter().GetResult();
            return;
        }
        var characters = 0L;
        var columns = new WantedColumns();
        foreach (var name in new[] { "reviewerID", "asin", "overall", "unixReviewTime" }) columns.Of(name);
        new TableReading(_folder.Path, _options, columns, "row", log).RunAsync(row =>
        {
            for (var c = 0; c < 4; c++) characters += row[c].Length;
            return null;
        }, CancellationToken.None).GetAwaiter().GetResult();
        if (characters == 0) throw new InvalidOperationException("no cell was read");
    }

    public override void Dispose() => _folder.Dispose();

    private static int Write(StreamWriter text, string line)
    {
        text.Write(line);
        return line.Length;
    }

    private static string Review(SeededRandom random) =>
        string.Join(' ', Enumerable.Range(0, 20 + random.NextInt32(100)).Select(_ => random.NextInt32(30_000).ToString("x", CultureInfo.InvariantCulture)));
}
