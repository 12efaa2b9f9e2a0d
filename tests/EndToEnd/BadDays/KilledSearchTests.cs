namespace LmmRec.EndToEnd.BadDays;

/// <summary>Trainings that are killed with -9 while they choose among settings.</summary>
public sealed class KilledSearchTests : IDisposable
{
    private const string Model = "sample/models/bpr-s999";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("grid")]
    [InlineData("halving")]
    public async Task A_training_that_is_killed_inside_its_search_goes_on_to_the_bytes_of_one_that_was_not(string search)
    {
        string[] options =
        [
            "--set", "encoders=[]", "--set", "ingest.sample=60", "--set", "train.recommenders=[\"bpr\"]", "--set", "train.epochs=60", "--set", "train.patience=60",
            "--set", """train.options={ "bpr": { "learningRate": [0.001, 0.01, 0.02, 0.05] } }""", "--set", $$"""experiment.search={ "kind": "{{search}}" }""",
        ];
        foreach (var workspace in new[] { "whole", "killed" }) (await Run("ingest", workspace)).Expect(0);
        (await Run("train", "whole")).Expect(0);

        using var train = Lmmrec.Start(_folder.Path, ["train", "--workspace", "killed", .. options]);
        await train.WaitForAsync(() => Directory.Exists(_folder.PathOf($"killed/{Model}~unfinished"))
            && Directory.EnumerateFiles(_folder.PathOf($"killed/{Model}~unfinished"), "result.json", SearchOption.AllDirectories).Any()); // of a setting that was decided
        train.Kill();
        await train.EndAsync();
        Assert.False(Directory.Exists(_folder.PathOf($"killed/{Model}")));

        Assert.Matches(@"train/bpr-s999: runs \(goes on (after|with epoch \d+ of) learningRate=", (await Run("train", "killed")).Expect(0).Error);
        Assert.Equal(WorkspaceContent.Of(_folder.PathOf("whole")), WorkspaceContent.Of(_folder.PathOf("killed")));

        Task<Ended> Run(string command, string workspace) => Lmmrec.RunAsync(_folder.Path, [command, "--workspace", workspace, .. options]);
    }
}
