using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate;

namespace LmmRec.Bench.Works;

/// <summary>Compares a hundred measured cases of 20,000 users and writes the report: what evaluate does once all cases are measured.</summary>
internal sealed class Comparison : Work
{
    private const int Cases = 100, Users = 20_000, Items = 5_000, TrainingItems = 6;

    // The report draws lists of the best cases alone, so that no more have to be written: these, with some to spare.
    private const int WithLists = 25;

    private static readonly int[] Cutoffs = [10, 20];
    private static readonly string[] Metrics = ["recall", "ndcg", "precision", "map", "mrr", "hit"];

    private readonly TemporaryFolder _folder = new();
    private readonly StepRunner _runner;
    private readonly string[] _userIds = [.. Enumerable.Range(0, Users).Select(user => $"A{user * 7919L % 1_000_000_007:D10}")];

    public Comparison(Arguments arguments)
    {
        _runner = new StepRunner(new Silence(), TimeProvider.System, arguments.Threads, "cpu");
        WriteAsync().GetAwaiter().GetResult();
    }

    public override string What => $"{Cases} cases, {Users} users, Recall and NDCG at {string.Join(" and ", Cutoffs)}: {Cases * (Cases - 1) / 2} pairs each; and the report";

    public override void Run()
    {
        GC.Collect(); // what an earlier run left is no part of this one's memory
        foreach (var name in new[] { "comparison", "report" })
            if (Directory.Exists(_folder.PathOf(name))) Directory.Delete(_folder.PathOf(name), recursive: true);
        var options = new EvaluateOptions { Cutoffs = Cutoffs };
        var dataSet = new EvaluatedDataSet("bench", _folder.Path, Enumerable.Range(1, Cases - 1).ToDictionary(NameOf, c => _folder.PathOf($"models/{NameOf(c)}")));
        foreach (var step in new[] { EvaluateStage.Steps(options, dataSet)[^1], EvaluateStage.Report(options, [dataSet], _folder.PathOf("report")) })
            _runner.RunAsync(step, CancellationToken.None).GetAwaiter().GetResult();
    }

    public override void Dispose() => _folder.Dispose();

    private static string NameOf(int c) => c == 0 ? "most-popular" : $"case-{c:D2}-s999";

    private async Task WriteAsync()
    {
        var random = new SeededRandom(1);
        var ingest = new ArtifactWriter(_folder.PathOf("ingest"), new Recipe("ingest", 1, [], []));
        await ingest.WriteTableAsync(_userIds.Select((id, user) => new UserRow(user, id)), CancellationToken.None);
        await ingest.WriteTableAsync(Enumerable.Range(0, Items).Select(item => new ItemRow(item, $"B{item:D9}", "a title", null, [], null, null, "a title")), CancellationToken.None);
        await ingest.WriteTableAsync(
            from user in Enumerable.Range(0, Users)
            from n in Enumerable.Range(0, TrainingItems + 2)
            let item = (int)((long)Items * (user * 31 + n * 17 % 97) / 97 % Items)
            select new InteractionRow(user, _userIds[user], item, $"B{item:D9}", null, null, n < TrainingItems ? Splits.Train : n == TrainingItems ? Splits.Validation : Splits.Test),
            CancellationToken.None);
        var content = (await ingest.CommitAsync(CancellationToken.None)).Content;
        for (var c = 0; c < Cases; c++)
        {
            var output = new ArtifactWriter(_folder.PathOf($"evaluation/{NameOf(c)}"), new Recipe($"evaluate/{NameOf(c)}", 1, [], new() { ["ingest"] = content }));
            await output.WriteTableAsync(PerUser(c, random), CancellationToken.None);
            await output.WriteTableAsync(Means(c), CancellationToken.None);
            if (c >= Cases - WithLists) await output.WriteTableAsync(Lists(c), CancellationToken.None);
            var description = new JsonObject { ["name"] = NameOf(c), ["title"] = $"Case {c}", ["recommender"] = "bpr", ["itemsDropped"] = 0, ["runtime"] = new JsonObject { ["device"] = "cpu" } };
            if (c > 0) description["seed"] = 999;
            output.Facts["case"] = description;
            await output.CommitAsync(CancellationToken.None);
        }
    }

    // Most users find nothing; a better case finds more.
    private List<PerUserRow> PerUser(int c, SeededRandom random)
    {
        var rows = new List<PerUserRow>(Cutoffs.Length * Users);
        foreach (var cutoff in Cutoffs)
            for (var user = 0; user < Users; user++)
            {
                var (targets, found) = (1 + user % 4, 0);
                for (var target = 0; target < targets; target++)
                    if (random.NextDouble() < 0.004 * cutoff * (1 + c / (double)Cases)) found++;
                var (recall, ndcg) = (found / (double)targets, found == 0 ? 0 : random.NextDouble());
                rows.Add(new PerUserRow(NameOf(c), cutoff, user, _userIds[user], recall, ndcg, found / (double)cutoff, ndcg / 2, ndcg / 2, Math.Min(1, found)));
            }
        return rows;
    }

    private IEnumerable<RankingRow> Lists(int c) =>
        from user in Enumerable.Range(0, Users)
        from rank in Enumerable.Range(1, Cutoffs[^1])
        let item = (user * 13 + rank * 7 + c) % Items
        select new RankingRow(NameOf(c), user, _userIds[user], rank, item, $"B{item:D9}", 1.0 / rank);

    private static IEnumerable<MetricRow> Means(int c) =>
        from metric in Metrics.Concat(["coverage", "gini", "novelty", "popularity", "intra_list"])
        from cutoff in Cutoffs
        select new MetricRow(NameOf(c), "bpr", null, null, null, c > 0 ? 999 : null, Splits.Test, "all", metric, cutoff, Users, 0.01 * (1 + c / (double)Cases));
}
