using System.Text.Unicode;
using LmmRec.Artifacts;
using LmmRec.Ingest;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Tables;

namespace LmmRec.Bench.Works;

/// <summary>
/// Reads two million interactions of a shop's first 330 000 users from CSV (<c>--scale 10</c>: twenty million of 3.3 million), with a long tail of users
/// and items, and leaves their 5-core with one row per user and item. Operations are rows.
/// </summary>
internal sealed class ShopCore : Work
{
    private const int Rows = 2_000_000, Users = 330_000, Items = 60_000, Core = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly InteractionTableOptions _options = new()
    {
        Files = ["ratings.csv"],
        Columns = new InteractionColumns { User = "user", Item = "item", Rating = "rating", Time = "time" },
    };

    private readonly int _scale;
    private string _what = "";

    public ShopCore(Arguments arguments)
    {
        _scale = arguments.Scale;
        using var file = File.Create(_folder.PathOf(_options.Files[0]));
        file.Write("user,item,rating,time\n"u8);
        Span<byte> line = stackalloc byte[80];
        var random = SeededRandom.For(1, "bench core");
        for (var row = 0L; row < (long)Rows * _scale; row++)
        {
            var (user, item) = ((long)(Tail(random) * Users * _scale), (long)(Tail(random) * Items * _scale));
            Utf8.TryWrite(line, $"A{user * 7919:D12}X,B{item * 131:D9},{random.NextInt32(5) + 1}.0,{1_400_000_000 + random.NextInt32(100_000_000)}\n", out var length);
            file.Write(line[..length]);
        }
    }

    public override string What => _what;

    public override double Operations => (double)Rows * _scale;

    public override void Run()
    {
        GC.Collect(); // what an earlier run left is no part of this one's memory
        var read = new TableSource(_folder.Path, _options, null).ReadInteractionsAsync(new IngestLog(new Silence()), CancellationToken.None).GetAwaiter().GetResult();
        var filter = new RowFilter(read);
        filter.DropRepeated(whateverTime: false);
        filter.KeepCore(Core);
        filter.DropRepeated(whateverTime: true);
        filter.KeepCore(Core);
        var kept = filter.Result();
        _what = $"{Rows * _scale} rows of {read.Users.Count} users and {read.Items.Count} items from CSV to {kept.Rows.Count} of {kept.Users.Count} and {kept.Items.Count}";
    }

    public override void Dispose() => _folder.Dispose();

    // The share of the first x of all users is the third root of x.
    private static double Tail(SeededRandom random) => Math.Pow(random.NextDouble(), 3);
}
