using System.Security.Cryptography;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Bench.Works;

/// <summary>Rows of a table; <paramref name="Counted"/> is what its rate is in: bytes of vectors and pictures, or rows.</summary>
internal sealed record TableRows<TRow>(IReadOnlyList<TRow> Rows, double Counted, string What);

/// <summary>Tables of the sizes that the pipeline writes.</summary>
internal static class TableRows
{
    private const int Dim = 768, PictureBytes = 20_000, Users = 100_000;

    /// <summary>The vectors of 20,000 items; the rate is in MB/s.</summary>
    public static TableRows<MatrixRow> Vectors()
    {
        var random = new SeededRandom(1);
        var rows = Enumerable.Range(0, 20_000).Select(i => new MatrixRow(i, $"B{i:D9}", Normal(random))).ToList();
        return new TableRows<MatrixRow>(rows, (double)rows.Count * Dim * sizeof(float), $"{rows.Count} vectors of {Dim}; rate in MB/s");
    }

    /// <summary>Pictures of 20 KB, which no compression makes smaller; the rate is in MB/s.</summary>
    public static TableRows<ImageRow> Pictures()
    {
        var random = new SeededRandom(1);
        var rows = Enumerable.Range(0, 2_000).Select(i =>
        {
            var bytes = new byte[PictureBytes];
            foreach (ref var b in bytes.AsSpan()) b = (byte)random.NextInt32(256);
            return new ImageRow(i, $"B{i:D9}", $"http://shop.test/pictures/B{i:D9}.jpg", Convert.ToHexStringLower(SHA256.HashData(bytes)), 400, 300, bytes);
        }).ToList();
        return new TableRows<ImageRow>(rows, (double)rows.Count * PictureBytes, $"{rows.Count} pictures of {PictureBytes / 1000} KB; rate in MB/s");
    }

    /// <summary>Ten interactions of each of 100,000 users with 50,000 items.</summary>
    public static TableRows<InteractionRow> Interactions()
    {
        const int Items = 50_000;
        var random = new SeededRandom(1);
        var users = Ids("A", Users);
        var items = Ids("B", Items);
        var start = new DateTime(2014, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = Enumerable.Range(0, 10 * Users).Select(i =>
        {
            var (user, item) = (i / 10, random.NextInt32(Items));
            return new InteractionRow(user, users[user], item, items[item], 1 + random.NextInt32(5), start.AddSeconds(random.NextInt32(1 << 25)), Splits.Train);
        }).ToList();
        return new TableRows<InteractionRow>(rows, rows.Count, $"{rows.Count} interactions; rate in millions of rows/s");
    }

    /// <summary>Eight values of each of 100,000 users.</summary>
    public static TableRows<PerUserRow> PerUser()
    {
        var random = new SeededRandom(1);
        var users = Ids("A", Users);
        var rows = Enumerable.Range(0, 8 * Users).Select(i =>
        {
            var (at, user) = (i / Users, i % Users);
            return new PerUserRow($"case-{at / 2}", at % 2 == 0 ? 10 : 20, user, users[user], Value(), Value(), Value(), Value(), Value(), Value());
        }).ToList();
        return new TableRows<PerUserRow>(rows, rows.Count, $"{rows.Count} users and cut-offs; rate in millions of rows/s");

        double Value() => random.NextInt32(8) / 7.0;
    }

    private static string[] Ids(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => $"{prefix}{(long)i * 7919 % 1_000_000_007:D10}")];

    private static float[] Normal(SeededRandom random)
    {
        var vector = new float[Dim];
        foreach (ref var value in vector.AsSpan()) value = (float)random.NextNormal();
        return vector;
    }
}

/// <summary>Writes a table.</summary>
internal sealed class TableWrite<TRow>(Func<TableRows<TRow>> make) : Work
{
    private readonly TemporaryFolder _folder = new();
    private readonly TableRows<TRow> _table = make();

    public override string What => $"{_table.What}, written";

    public override double Operations => _table.Counted;

    public override void Run() =>
        TableFile.WriteAsync(_folder.PathOf("table.parquet"), _table.Rows, CancellationToken.None).GetAwaiter().GetResult();

    public override void Dispose() => _folder.Dispose();
}

/// <summary>Reads a table row by row.</summary>
internal sealed class TableRead<TRow> : Work
{
    private readonly TemporaryFolder _folder = new();

    public TableRead(Func<TableRows<TRow>> make)
    {
        var table = make();
        (Operations, What) = (table.Counted, $"{table.What}, read");
        TableFile.WriteAsync(_folder.PathOf("table.parquet"), table.Rows, CancellationToken.None).GetAwaiter().GetResult();
    }

    public override string What { get; }

    public override double Operations { get; }

    public override void Run() => ReadAsync().GetAwaiter().GetResult();

    public override void Dispose() => _folder.Dispose();

    private async Task ReadAsync()
    {
        await foreach (var _ in TableFile.StreamAsync<TRow>(_folder.PathOf("table.parquet"), CancellationToken.None))
        {
        }
    }
}
