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
        Assert.Equal(WorkspaceContent.Of(_folder.PathOf("whole")), WorkspaceContent.Of(_folder.PathOf("killed")));
        Assert.Contains("takes up", (await Run("runs", "--workspace", "killed")).Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_holds_no_password_and_a_resumed_run_takes_it_from_the_configuration()
    {
        const string Configuration = """{ "ingest": { "proxy": "http://anna:secret@proxy:3128" } }""";
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), Configuration, _cancellation);
        (await Run("ingest")).Expect(0);
        var record = await File.ReadAllTextAsync(_folder.PathOf("artifacts/runs/latest.json"), _cancellation);
        Assert.Contains("http://proxy:3128", record, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", record, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", record, StringComparison.Ordinal);

        (await Run("ingest", "--resume", "latest")).Expect(0);
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), "{}", _cancellation);
        var without = (await Run("ingest", "--resume", "latest")).Expect(2);
        Assert.Contains("ingest.proxy: records hold no user names and passwords, and pipeline.json does not give those of run", without.Error, StringComparison.Ordinal);
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
