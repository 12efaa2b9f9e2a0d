using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LmmRec.EndToEnd;

/// <summary>What a run would take, said before it runs.</summary>
public sealed partial class DryRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task New_seeds_are_estimated_from_the_finished_ones_and_nothing_is_written()
    {
        string[] quick = ["--set", "train.epochs=3", "--set", "train.options={}"];
        (await Run(["run", .. quick])).Expect(0);
        var before = Files();
        var said = Words((await Run(["run", "--dry-run", .. quick, "--set", "train.seeds=[999,1]"])).Expect(0).Output);
        Assert.Equal(before, Files());

        foreach (var recommender in new[] { "bpr", "vbpr-clip-small-pt-vt" })
        {
            var took = Took(recommender);
            var row = Regex.Match(said, $@"train/{recommender}-s1 would run (?<time>[\d.]+ \w+) \d+ MB [\d.]+ MB there is no artifact yet; as train/{recommender}-s999, which took (?<took>(?<seconds>[\d.]+) \w+) ");
            Assert.True(row.Success, said);
            Assert.Equal(row.Groups["took"].Value, row.Groups["time"].Value);
            if (took < 90) Assert.Equal(took, Number(row.Groups["seconds"]), 0.5); // else it is said in minutes
            Assert.Matches($"train/{recommender}-s999 done ", said);
        }
        Assert.Matches(@"evaluate/bpr-s1 waits [\d.]+ \w+ .* as evaluate/", said);
        Assert.Matches(@"in all: \d+ steps, [\d.]+ (s|min) one after the other( \(up to \d+ run at once\))?, at most [\d,.]+ (MB|GB) of memory, [\d.]+ MB of disk", said);

        Assert.Contains("compare would run", said, StringComparison.Ordinal);
        Assert.Contains("input evaluation/bpr-s1 is new", said, StringComparison.Ordinal);
        var changed = Words((await Run(["run", "--dry-run", "--set", "train.epochs=4", "--set", "train.options={}"])).Expect(0).Output);
        Assert.Matches(@"evaluate/bpr-s999 may run [\d.]+ \w+ .*? train/bpr-s999: option epochs 3 → 4; as evaluate/", changed);
        Assert.Matches(@"if all that may change changes, also: \d+ steps, ", changed);
        Assert.True(await Memory(jobs: 2) > await Memory(jobs: 1));

        var longer = Words((await Run(["run", "--dry-run", "--set", "train.epochs=300", "--set", "train.options={}", "--set", "train.seeds=[1]"])).Expect(0).Output);
        Assert.Matches("as train/bpr-s999, which took [^,]+, × 100 ", longer);

        async Task<double> Memory(int jobs)
        {
            var output = Words((await Run(["run", "--dry-run", .. quick, "--set", "train.seeds=[999,1]", "--jobs", $"{jobs}"])).Expect(0).Output);
            var bound = Regex.Match(output, @"in all: .* at most (?<number>[\d,.]+) (?<unit>MB|GB) of memory");
            return Number(bound.Groups["number"]) * (bound.Groups["unit"].Value == "MB" ? 1 : 1000);
        }

        double Took(string recommender) =>
            (double)JsonNode.Parse(File.ReadAllText(_folder.PathOf($"artifacts/sample/models/{recommender}-s999/timings.json")))!["seconds"]!;
    }

    [Fact]
    public async Task Without_data_the_graphs_say_what_encoders_and_recommenders_take_on_a_data_set_of_published_size()
    {
        File.WriteAllText(_folder.PathOf("pipeline.json"), """
            { "dataset": { "source": "amazon-2014", "category": "Baby" },
              "encoders": [{ "name": "clip", "card": "clip-vit-b16", "paradigms": ["pt", "ft", "ete"] }],
              "train": { "recommenders": ["bpr", "vbpr", "mmgcn", "mmgcl", "slmrec", "lattice"], "epochs": 10 } }
            """);
        var before = Files();
        var said = Words((await Run(["run", "--dry-run"])).Expect(0).Output);
        Assert.Equal(before, Files());
        Assert.Contains("ingest waits ? ? ?", said, StringComparison.Ordinal);
        // Twelve blocks of 768 over 197 tokens and twelve of 512 over 77: 17.6 and 2.9 billion products of each item.
        Assert.Equal(2 * 7050 * (17.6 + 2.9) / 1e3, Teraflops("featurize/clip"), 10.0);
        foreach (var recommender in new[] { "vbpr", "mmgcn", "mmgcl", "slmrec", "lattice" })
            Assert.True(Teraflops($"train/{recommender}-clip-ete-vt-s999") > 1000 * Teraflops("train/bpr-s999"), said);
        Assert.Contains("10 epochs of 7050 pairs by the published size", said, StringComparison.Ordinal);

        double Teraflops(string step) => Regex.Match(said, $@"{step} waits [\d.,]+ \w+ [\d.]+ (MB|GB) [\d.]+ (MB|GB) [^:]*: (?<count>[\d,.]+) (?<unit>[GT])FLOP at \d+ GFLOP/s") is { Success: true } row
            ? Number(row.Groups["count"]) / (row.Groups["unit"].Value == "T" ? 1 : 1000) : throw new InvalidOperationException($"{step}: {said}");
    }

    [Fact]
    public async Task Of_a_data_set_that_nobody_published_nothing_is_said_until_ingest_has_run()
    {
        var said = Words((await Run(["run", "--dry-run"])).Expect(0).Output);
        Assert.Contains("train/bpr-s999 waits ? ? ? needs ingest, which is not there; not known until ingest has run", said, StringComparison.Ordinal);
        Assert.Matches(@"in all: \d+ steps would run, of which nothing is known", said);
        Assert.Empty(Files());
        (await Run(["ingest"])).Expect(0);
        Assert.Matches(@"train/bpr-s999 would run [\d.]+ \w+ \d+ MB [\d.]+ MB .* at most \d+ epochs of \d+ batches: [\d.]+ GFLOP", Words((await Run(["run", "--dry-run"])).Expect(0).Output));
    }

    [Fact]
    public async Task Times_that_cannot_be_read_and_facts_that_are_not_there_tell_nothing()
    {
        string[] quick = ["--set", "train.epochs=2", "--set", "train.options={}", "--set", """train.recommenders=["bpr"]"""];
        (await Run(["run", .. quick])).Expect(0);
        var (model, popular) = (_folder.PathOf("artifacts/sample/models/bpr-s999"), _folder.PathOf("artifacts/sample/evaluation/most-popular"));
        File.WriteAllText(Path.Combine(popular, "timings.json"), "{");
        File.WriteAllText(_folder.PathOf("artifacts/sample/ingest/timings.json"), """{ "seconds": "long" }""");
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "manifest.json")))!;
        manifest["facts"] = new JsonObject { ["epochs"] = "two" };
        File.WriteAllText(Path.Combine(model, "manifest.json"), manifest.ToJsonString());

        var said = Words((await Run(["run", "--dry-run", .. quick, "--set", "train.seeds=[999,1]", "--set", "evaluate.cutoffs=[5]"])).Expect(0).Output);
        Assert.Matches(@"train/bpr-s1 would run [\d.]+ \w+ \d+ MB [\d.]+ MB there is no artifact yet; at most \d+ epochs", said);
        Assert.Matches(@"evaluate/most-popular would run .*? users × \d+ items: ", said);
    }

    [Fact]
    public async Task A_control_takes_as_long_as_another_of_the_same_features()
    {
        (await Run("ingest")).Expect(0);
        (await Run("featurize", "--set", Encoder("shuffled"))).Expect(0);
        var said = Words((await Run("run", "--dry-run", "--set", Encoder("shuffled\", \"noise"))).Expect(0).Output);
        Assert.Matches(@"featurize/clip-small-noise would run [\d.]+ \w+ \d+ MB [\d.]+ MB there is no artifact yet; as featurize/clip-small-shuffled, which took ", said);

        static string Encoder(string controls) => $$"""encoders=[{ "name": "clip-small", "card": "clip-small", "controls": ["{{controls}}"] }]""";
    }

    [Fact]
    public async Task A_report_over_several_data_sets_waits_for_one_of_them()
    {
        var said = Words((await Run("run", "--dry-run", "--set", """experiment.datasets=[{ "dataset": { "name": "a" } }, { "dataset": { "name": "b", "seed": 8 } }]""")).Expect(0).Output);
        Assert.Contains(" report waits ? ? ? needs a/comparison or b/comparison, and none is there", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_dry_run_ends_without_looking_at_the_steps_that_are_left()
    {
        // The batch is smaller than its parts, of which a warning tells just before the estimates begin.
        File.WriteAllText(_folder.PathOf("pipeline.json"), """
            { "dataset": { "source": "amazon-2014", "category": "Clothing_Shoes_and_Jewelry" },
              "encoders": [{ "name": "clip", "card": "clip-vit-b16", "paradigms": ["pt", "ft", "ete"], "tune": { "batch": 8, "microBatch": 16 } },
                           { "name": "vlmo", "card": "vlmo-base", "paradigms": ["pt", "ft", "ete"] }],
              "train": { "recommenders": ["vbpr", "mmgcn", "mmgcl", "slmrec", "lattice"] } }
            """);
        using var run = Lmmrec.Start(_folder.Path, ["run", "--dry-run"]);
        await run.WaitForAsync("microBatch");
        run.Interrupt();
        Assert.DoesNotContain("in all:", (await run.EndAsync()).Expect(130).Output, StringComparison.Ordinal);
        Assert.Equal([_folder.PathOf("pipeline.json")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private Dictionary<string, string> Files() => Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
        .ToDictionary(path => path, path => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));

    // Cells are padded and wrapped.
    private static string Words(string output) => Blanks().Replace(output, " ");

    private static double Number(Group group) => double.Parse(group.Value, NumberStyles.Number, CultureInfo.InvariantCulture);

    private Task<Ended> Run(params string[] arguments) => Lmmrec.RunAsync(_folder.Path, arguments);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
