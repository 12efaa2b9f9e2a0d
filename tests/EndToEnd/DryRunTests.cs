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
        Assert.Matches(@"in all: [\d.]+ (s|min) one after the other, at most [\d,.]+ (MB|GB) of memory, [\d.]+ MB of disk", said);

        var longer = Words((await Run(["run", "--dry-run", "--set", "train.epochs=300", "--set", "train.options={}", "--set", "train.seeds=[1]"])).Expect(0).Output);
        Assert.Matches("as train/bpr-s999, which took [^,]+, × 100 ", longer);

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

        double Teraflops(string step) => Regex.Match(said, $@"{step} waits [\d.,]+ \w+ [\d.]+ (MB|GB) [\d.]+ (MB|GB) [^:]*: (?<teraflops>[\d,.]+) TFLOP at \d+ GFLOP/s") is { Success: true } row
            ? Number(row.Groups["teraflops"]) : throw new InvalidOperationException($"{step}: {said}");
    }

    [Fact]
    public async Task Of_a_data_set_that_nobody_published_nothing_is_said_until_ingest_has_run()
    {
        var said = Words((await Run(["run", "--dry-run"])).Expect(0).Output);
        Assert.Contains("train/bpr-s999 waits ? ? ? needs ingest, which is not there; not known until ingest has run", said, StringComparison.Ordinal);
        Assert.Matches(@"in all: \d+ steps would run, of which nothing is known", said);
        Assert.Empty(Files());
        (await Run(["ingest"])).Expect(0);
        Assert.Matches(@"train/bpr-s999 would run [\d.]+ \w+ \d+ MB [\d.]+ MB .* at most \d+ epochs of \d+ batches: [\d.]+ TFLOP", Words((await Run(["run", "--dry-run"])).Expect(0).Output));
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
