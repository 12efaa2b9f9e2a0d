using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LmmRec.EndToEnd;

/// <summary>The run of every night: what it redoes after the shop changed, and what it says of it.</summary>
public sealed partial class NightlyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_stage_redoes_only_what_the_changes_of_the_night_touch()
    {
        var shop = new NightlyShop(_folder, """ "pt", "ft" """);
        var all = Ran((await RunAsync("run")).Expect(0));
        Assert.Equal(["ingest", "tune/clip-small", "featurize/clip-small", "featurize/clip-small-ft", "train/bpr-s999"], all.Take(5));
        Assert.Equal(80, Encoded("clip-small"));

        Assert.Empty(Ran((await RunAsync("run")).Expect(0)));

        // New orders change the split, so every case is trained; encoders and vectors are of items.
        shop.Sell("P03", 1, 2, 3);
        var orders = Ran((await RunAsync("run")).Expect(0));
        Assert.Equal("ingest", orders[0]);
        Assert.DoesNotContain(orders, step => step.StartsWith("tune", StringComparison.Ordinal) || step.StartsWith("featurize", StringComparison.Ordinal));
        Assert.Equal(all.Where(step => step.StartsWith("train", StringComparison.Ordinal)), orders.Where(step => step.StartsWith("train", StringComparison.Ordinal)));

        shop.Photograph("P05");
        var picture = Ran((await RunAsync("run")).Expect(0));
        Assert.Equal((1, 79), (Encoded("clip-small"), Copied("clip-small")));
        Assert.Contains("tune/clip-small", picture);
        Assert.Contains("train/vbpr-clip-small-pt-vt-s999", picture);
        Assert.DoesNotContain("train/bpr-s999", picture); // it knows no pictures

        shop.Rename("P07", "another title");
        shop.Add("P40", "thing 40 of kind 0");
        shop.Sell("P40", Enumerable.Range(10, 20));
        shop.Remove("P11");
        // Another shop takes its turn in the workspace: what this one is compared with is its own last run.
        (await RunAsync("run", "--set", "dataset.name=other", "--set", "encoders=[]", "--set", """train.recommenders=["bpr"]""")).Expect(0);
        var night = (await RunAsync("run")).Expect(0);
        Assert.Equal((3, 77), (Encoded("clip-small"), Copied("clip-small")));
        Assert.Equal(40, (int)Json("ingest/manifest.json")["facts"]!["items"]!);

        // And says so: on standard error for people, in the run's record for machines.
        Assert.Contains("ingest: pictures: 1 new or changed, 39 unchanged, 0 failed", night.Error, StringComparison.Ordinal);
        Assert.Contains("featurize/clip-small: 3 encoded, 77 kept", night.Error, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^trained: train/bpr-s999.*\(ingest: option pictures changed: .*; ingest: orders\.csv changed; ingest: products\.csv changed\)", night.Error);
        Assert.Matches(@"(?m)^  bpr-s999: 0\.\d{4}, 0\.\d{4}, [+-]?0\.\d{4} \[[+-]?0\.\d{4}, [+-]?0\.\d{4}\], p [=<] 0\.\d{4}, \d+ users", night.Error);
        Assert.Matches(@"(?m)^shop: (no case is worse than in that run by more than chance|worse than in that run, by more than chance)", night.Error);
        var told = JsonNode.Parse(await File.ReadAllTextAsync(_folder.PathOf("artifacts/runs/latest.json"), TestContext.Current.CancellationToken))!["happened"]!;
        Assert.Equal((1, 39, 0), ((int)told["pictures"]![0]!["new"]!, (int)told["pictures"]![0]!["unchanged"]!, (int)told["pictures"]![0]!["failed"]!));
        Assert.Contains(told["drift"]![0]!["cases"]!.AsArray(), drift => (string?)drift!["case"] == "bpr-s999" && (double?)drift["holm"] is >= 0 and <= 1);
    }

    [Fact]
    public async Task Status_and_dry_run_say_why_a_step_would_run_by_what_changed_first_and_how_long_it_took()
    {
        var shop = new NightlyShop(_folder);
        (await RunAsync("run")).Expect(0);
        Assert.EndsWith("all is done", (await RunAsync("status")).Expect(0).Output.TrimEnd(), StringComparison.Ordinal);

        shop.Sell("P03", 1, 2, 3);
        foreach (var command in new[] { new[] { "status" }, ["run", "--dry-run"] })
        {
            var said = Words((await RunAsync(command)).Expect(0).Output);
            Assert.Matches(@"ingest would run [\d.]+ s .*?orders\.csv changed", said);
            Assert.Matches(@"train/bpr-s999 may run [\d.]+ s .*?ingest: orders\.csv changed", said);
            Assert.Matches(@"report may run [\d.]+ s .*?ingest: orders\.csv changed", said);
            Assert.Matches(@"ingest: 1 would run; featurize: 1 may run; train: 2 may run; evaluate: \d+ may run \(what may run does if what it reads comes out changed\)", said);
        }

        var both = Words((await RunAsync("status", "--set", "train.epochs=3")).Expect(0).Output);
        Assert.Matches(@"train/bpr-s999 would run .*?option epochs 2 → 3; ingest: orders\.csv changed", both);
        Assert.Matches(@"compare may run .*?ingest: orders\.csv changed; train/bpr-s999 and 1 more: option epochs 2 → 3", both);
    }

    [Fact]
    public async Task A_data_set_whose_files_are_missing_hides_no_other()
    {
        const string Both = """
            experiment.datasets=[{ "dataset": { "name": "here" } },
                { "dataset": { "source": "table", "name": "away", "interactions": { "files": "orders.csv", "columns": { "user": "customer", "item": "product" } } } }]
            """;
        var said = Words((await RunAsync("status", "--set", Both)).Expect(0).Output);
        Assert.Matches(@"here/ingest would run there is no artifact yet", said);
        Assert.Matches(@"away/ingest not known .*?orders\.csv", said);
        Assert.Contains("ingest: 1 would run, 1 not known; ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guard_stops_what_would_redo_much_for_a_changed_option_or_encoder_and_never_what_new_data_bring()
    {
        var shop = new NightlyShop(_folder);
        string[] guarded = ["run", "--set", "run.mostRedone=0.1"];
        (await RunAsync(guarded)).Expect(0); // a first run redoes nothing
        shop.Sell("P03", 1, 2, 3);
        (await RunAsync(guarded)).Expect(0);

        var option = (await RunAsync([.. guarded, "--set", "train.epochs=3"])).Expect(6);
        Assert.Matches(@"run\.mostRedone: \d+ of \d+ finished steps would be redone, .* What changed: train/bpr-s999 and 1 more: option epochs 2 → 3\. Nothing was touched\.", Words(option.Error));
        Assert.Contains("run.mostRedone: ", (await RunAsync([.. guarded, "--set", "train.epochs=3", "--dry-run"])).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("--allow-full: is not used", (await RunAsync("run", "--allow-full")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Empty(Ran((await RunAsync("run")).Expect(0))); // nothing was touched

        var card = Path.Combine(_folder.Path, "onnx-models", "clip-small");
        Directory.CreateDirectory(card);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Beside.Checkout, "onnx-models", "clip-small"))) File.Copy(file, Path.Combine(card, Path.GetFileName(file)));
        var path = Path.Combine(card, "card.json");
        await File.WriteAllTextAsync(path, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) + "\n", TestContext.Current.CancellationToken);
        var encoder = (await RunAsync(guarded)).Expect(6);
        Assert.Contains("featurize/clip-small: card/card.json changed", Words(encoder.Error), StringComparison.Ordinal);

        // The same vectors come out, so nothing after them runs.
        Assert.Equal(["featurize/clip-small"], Ran((await RunAsync([.. guarded, "--allow-full"])).Expect(0)));
    }

    [Fact]
    public async Task A_change_that_is_undone_is_taken_back_which_status_and_dry_run_say_and_no_guard_stops()
    {
        _ = new NightlyShop(_folder);
        string[] guarded = ["run", "--set", "run.mostRedone=0.1"];
        (await RunAsync(guarded)).Expect(0);
        (await RunAsync([.. guarded, "--set", "train.epochs=3", "--allow-full"])).Expect(0);

        var status = Words((await RunAsync("status")).Expect(0).Output);
        Assert.Matches(@"train/bpr-s999 would be taken back [\d.]+ s option epochs 3 → 2", status);
        Assert.Matches(@"ingest: 1 done; featurize: 1 done; train: 2 would be taken back; evaluate: \d+ done, \d+ would be taken back$", status.TrimEnd());
        var dry = (await RunAsync([.. guarded, "--dry-run"])).Expect(0).Output;
        Assert.Contains("in all: nothing would run", dry, StringComparison.Ordinal);
        Assert.DoesNotContain("run.mostRedone", dry, StringComparison.Ordinal);

        Assert.Empty(Ran((await RunAsync(guarded)).Expect(0)));
        Assert.EndsWith("all is done", (await RunAsync("status")).Expect(0).Output.TrimEnd(), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Ran(Ended ended) => [.. Runs().Matches(ended.Error).Select(line => line.Groups["step"].Value)];

    private int Encoded(string encoder) => (int)Json($"features/{encoder}/timings.json")["encoded"]!;

    private int Copied(string encoder) => (int)Json($"features/{encoder}/timings.json")["copied"]!;

    private JsonNode Json(string file) => JsonNode.Parse(File.ReadAllText(_folder.PathOf($"artifacts/shop/{file}")))!;

    // Cells are padded and wrapped.
    private static string Words(string output) => Blanks().Replace(output, " ");

    private Task<Ended> RunAsync(params string[] arguments) => Lmmrec.RunAsync(_folder.Path, arguments);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^(?:.*? )?(?<step>\S+): runs \(", RegexOptions.Multiline)]
    private static partial Regex Runs();
}
