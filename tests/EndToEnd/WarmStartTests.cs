using System.Diagnostics;
using System.Text.Json.Nodes;

namespace LmmRec.EndToEnd;

/// <summary>Trainings that start from yesterday's model, by the real command: yesterday's shop is a cut of today's.</summary>
public sealed class WarmStartTests : IDisposable
{
    private static readonly string[] Today =
    [
        "--set", "train.recommenders=[\"bpr\"]", "--set", "encoders=[]", "--set", "train.epochs=20", "--set", "ingest.split={ \"kind\": \"user-time\" }",
        "--set", "train.warmStart=true",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_training_that_is_killed_goes_on_to_the_bytes_of_one_that_was_not()
    {
        (await Run("ingest", "killed", "--drop-missing-images")).Expect(0);
        (await Run("train", "killed")).Expect(0);
        (await Run("ingest", "killed")).Expect(0);
        Process.Start("cp", ["-r", _folder.PathOf("killed"), _folder.PathOf("whole")]).WaitForExit();
        (await Run("train", "whole")).Expect(0);

        var unfinished = _folder.PathOf("killed/sample/models/bpr-s999~unfinished");
        using var train = Lmmrec.Start(_folder.Path, ["train", "--workspace", "killed", .. Today]);
        await train.WaitForAsync(() => Directory.Exists(unfinished)
            && Directory.EnumerateFiles(unfinished, "checkpoint.json", SearchOption.AllDirectories).Any(path => Path.GetFileName(Path.GetDirectoryName(path)) == "last"));
        train.Kill();
        await train.EndAsync();
        Assert.Contains("goes on with epoch", (await Run("train", "killed")).Expect(0).Error, StringComparison.Ordinal);

        Assert.Empty(WorkspaceContent.Differences(_folder.PathOf("whole"), _folder.PathOf("killed")));
        Assert.Matches("^[0-9a-f]{64}$", (string?)JsonNode.Parse(File.ReadAllText(_folder.PathOf("killed/sample/models/bpr-s999/manifest.json")))!["recipe"]!["startedFrom"]);
        Assert.Contains("nothing changed, skipped", (await Run("train", "killed")).Expect(0).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_split_that_is_drawn_anew_is_refused()
    {
        var refused = (await Lmmrec.RunAsync(_folder.Path, "run", "--set", "train.warmStart=true")).Expect(2);
        Assert.Contains("train.warmStart: ingest.split draws anew what is held out when the data change", refused.Error, StringComparison.Ordinal);
        Assert.Contains("train.warmStart: ingest.split", (await Run("run", "cold", "--set", "ingest.split.cold=0.1")).Expect(2).Error, StringComparison.Ordinal);
    }

    private Task<Ended> Run(string command, string workspace, params string[] more) => Lmmrec.RunAsync(_folder.Path, [command, "--workspace", workspace, .. Today, .. more]);
}
