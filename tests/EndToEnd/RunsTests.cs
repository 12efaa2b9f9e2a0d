using System.Text.Json.Nodes;

namespace LmmRec.EndToEnd;

/// <summary>What is left of runs, and what is done with it.</summary>
public sealed class RunsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_killed_run_that_is_resumed_on_another_day_gives_the_bytes_of_one_that_was_not_killed()
    {
        string[] told = ["--set", "ingest.refreshHours=24", "--set", "train.epochs=20", "--set", "train.options={}", "--threads", "2"];
        (await Run(["run", "--workspace", "whole", .. told])).Expect(0);
        using (var run = Lmmrec.Start(_folder.Path, ["run", "--workspace", "killed", .. told]))
        {
            await run.WaitForAsync("train/bpr-s999: runs");
            run.Kill();
            await run.EndAsync();
        }
        Assert.Contains("its process ended before it did", (await Run("runs", "--workspace", "killed")).Expect(0).Output, StringComparison.Ordinal);

        // What was done then was done three days ago: whoever asks for the date of today fetches anew.
        Age("sample/ingest/timings.json", "asked");
        Age(Path.GetRelativePath(_folder.PathOf("killed"), Directory.GetFiles(_folder.PathOf("killed/runs"), "*.json").Single()), "began");
        Assert.Contains("more than 24 hours ago", (await Run(["status", "--workspace", "killed", "--set", "ingest.refreshHours=24"])).Expect(0).Output, StringComparison.Ordinal);

        var refused = (await Run("run", "--workspace", "killed", "--resume", "latest", "--set", "train.epochs=3")).Expect(2);
        Assert.Contains("--set: is not used, since --resume takes it from the run that it takes up", refused.Error, StringComparison.Ordinal);
        Assert.Contains("only that command takes it up", (await Run("train", "--workspace", "killed", "--resume", "latest")).Expect(2).Error, StringComparison.Ordinal);

        var resumed = (await Run("run", "--workspace", "killed", "--resume", "latest")).Expect(0);
        Assert.Contains("ingest: nothing changed, skipped", resumed.Error, StringComparison.Ordinal);
        Assert.Empty(WorkspaceContent.Differences(_folder.PathOf("whole"), _folder.PathOf("killed")));
        Assert.Contains("takes up", (await Run("runs", "--workspace", "killed")).Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_holds_no_password_and_a_resumed_run_takes_it_from_the_configuration()
    {
        const string Configuration = """{ "ingest": { "proxy": "http://anna:secret@proxy:3128" } }""";
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), Configuration, _cancellation);
        var inTheWay = _folder.PathOf("artifacts/sample");
        Directory.CreateDirectory(_folder.PathOf("artifacts"));
        await File.WriteAllTextAsync(inTheWay, "", _cancellation);
        (await Run("ingest")).Expect(1);
        File.Delete(inTheWay);
        var record = await File.ReadAllTextAsync(_folder.PathOf("artifacts/runs/latest.json"), _cancellation);
        Assert.Contains("http://proxy:3128", record, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", record, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", record, StringComparison.Ordinal);

        var failed = (string)JsonNode.Parse(record)!["id"]!;
        (await Run("ingest", "--resume", failed)).Expect(0);
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), "{}", _cancellation);
        var without = (await Run("ingest", "--resume", failed)).Expect(2);
        Assert.Contains("ingest.proxy: records hold no user names and passwords, and pipeline.json does not give those of run", without.Error, StringComparison.Ordinal);
        Assert.Contains("did all that it was to do; there is nothing to take up", (await Run("ingest", "--resume", "latest")).Expect(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_taken_up_may_get_other_threads_but_no_other_device()
    {
        (await Run("train", "--threads", "2")).Expect(1); // there is nothing to train on
        (await Run("train", "--resume", "latest", "--threads", "1")).Expect(1);
        var resumed = JsonNode.Parse(await File.ReadAllTextAsync(_folder.PathOf("artifacts/runs/latest.json"), _cancellation))!;
        Assert.Equal((true, 1), (resumed["resumes"] is not null, (int)resumed["given"]!["threads"]!));
        (await Run("train", "--resume", "latest", "--device", "cuda")).Expect(2);
    }

    [Fact]
    public async Task Two_runs_are_compared_until_gc_takes_what_one_of_them_made()
    {
        string[] bpr = ["--set", "train.recommenders=[\"bpr\"]", "--set", "train.options={}", "--set", "encoders=[]", "--set", "train.epochs=1"];
        (await Run(["run", .. bpr])).Expect(0);
        (await Run("tag", "latest", "first")).Expect(0);
        (await Run(["run", .. bpr, "--set", "ingest.core=6"])).Expect(0);
        var both = (await Run("diff", "first", "latest")).Expect(0).Output;
        foreach (var line in new[] { "ingest.core +5 +6", @"sample/ingest +interactions +\d+ +\d+", @"sample/evaluation/bpr-s999 +recall@20 +0\.\d{4} +0\.\d{4} +[+-]0\.\d{4}", @"sample/models/bpr-s999 +ingest +[0-9a-f]{12} +[0-9a-f]{12}" })
            Assert.Matches(line, both);
        Assert.DoesNotContain("not compared", both, StringComparison.Ordinal);
        Assert.Contains("artifacts 0", (await Run("gc", "--keep-runs", "1")).Expect(0).Output, StringComparison.Ordinal); // the tag holds them

        (await Run("untag", "first")).Expect(0);
        (await Run(["run", .. bpr, "--set", "ingest.core=6"])).Expect(0);
        var first = (await Run("runs")).Expect(0).Output.Split('\n').Select(line => line.Trim().Split(' ')[0]).First(word => word.EndsWith('Z'));
        Assert.Contains("would free", (await Run("gc", "--keep-runs", "2", "--dry-run")).Expect(0).Output, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.EnumerateDirectories(_folder.PathOf("artifacts/kept")));
        Directory.Delete(_folder.PathOf("artifacts/kept"), recursive: true);
        Assert.Contains($"not compared: sample/ingest of run {first} is not here any more", (await Run("diff", first, "latest")).Expect(0).Output, StringComparison.Ordinal);
        (await Run("gc", "--keep-runs", "2")).Expect(0);
        Assert.Contains($"holds no run '{first}'", (await Run("diff", first, "latest")).Expect(1).Error, StringComparison.Ordinal);
        Assert.Contains("options, inputs, versions and rows of tables are the same", (await Run("diff", "latest", "latest")).Expect(0).Output, StringComparison.Ordinal);
        (await Run("verify")).Expect(0);
        Assert.Equal(2, (await Run("runs")).Expect(0).Output.Split('\n').Count(line => line.Contains("all is done", StringComparison.Ordinal)));
    }

    private void Age(string file, string key)
    {
        var path = _folder.PathOf($"killed/{file}");
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        json[key] = ((DateTimeOffset)json[key]! - TimeSpan.FromDays(3)).ToString("O");
        File.WriteAllText(path, json.ToJsonString());
    }

    private Task<Ended> Run(params string[] arguments) => Lmmrec.RunAsync(_folder.Path, arguments);
}
