using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Tests;

public sealed class KeptArtifactsTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();
    private readonly List<string> _notes = [];
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private int _runs;

    private string Folder => _workspace.PathOf("data/a");

    private KeptArtifacts Kept => new(_workspace.Path);

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task What_is_replaced_is_kept_whole_with_its_unhashed_files_under_its_id()
    {
        await RunAsync(1);
        var id = Manifest.IdOf(Folder)!;
        var files = Files(Folder);
        await RunAsync(2);
        Assert.Equal([id], Kept.Folders.Keys);
        Assert.Equal(files, Files(Kept.Folders[id]));
        Assert.Contains(Kept.Folders[id], Verification.ArtifactsBelow(_workspace.Path)); // so verify checks it
    }

    [Fact]
    public async Task An_option_that_is_set_back_takes_its_artifact_back_and_keeps_the_other()
    {
        await RunAsync(1);
        var (first, files) = (Manifest.IdOf(Folder)!, Files(Folder));
        await RunAsync(2);
        var second = Manifest.IdOf(Folder)!;
        var back = await RunAsync(1);
        Assert.Equal((StepEnd.TakenBack, 2), (back.State, _runs));
        Assert.Equal(["option value 2 → 1"], back.Why);
        Assert.Equal(files, Files(Folder));
        Assert.Equal([second], Kept.Folders.Keys);
        Assert.Equal((StepEnd.Skipped, first), ((await RunAsync(1)).State, Manifest.IdOf(Folder)));
        Assert.Contains("a: taken back, since it was made before and kept (option value 2 → 1)", _notes);
    }

    [Theory]
    [InlineData("one bit")]
    [InlineData("cut off")]
    [InlineData("without a manifest")]
    public async Task A_kept_artifact_that_was_damaged_is_not_taken_back(string damage)
    {
        await RunAsync(1);
        var id = Manifest.IdOf(Folder)!;
        await RunAsync(2);
        Damage(Kept.Folders[id], damage);
        Assert.Equal(StepEnd.Ran, (await RunAsync(1)).State);
        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine(Folder, "value"), _cancellation));
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("without a manifest")]
    public async Task A_damaged_artifact_is_not_kept_as_if_it_were_good(string damage)
    {
        await RunAsync(1);
        Damage(Folder, damage);
        await RunAsync(2);
        Assert.Empty(Kept.Folders);
    }

    [Fact]
    public async Task An_artifact_that_comes_out_the_same_is_not_kept_beside_itself()
    {
        await RunAsync(1);
        await new StepRunner(new Notes(_notes), TimeProvider.System, 1, "cpu") { Kept = Kept }.RunAsync(Step(1) with { RunsAgain = _ => "--refresh" }, _cancellation);
        Assert.Equal(2, _runs);
        Assert.Empty(Kept.Folders);
    }

    [Fact]
    public async Task A_process_that_died_after_its_renames_leaves_what_it_replaced_to_be_kept()
    {
        await RunAsync(1);
        var id = Manifest.IdOf(Folder)!;
        await RunAsync(2);
        Directory.Move(Kept.Folders[id], Folder + "~previous");
        await RunAsync(2);
        Assert.Equal([id], Kept.Folders.Keys);
    }

    [Fact]
    public async Task One_that_a_killed_process_began_to_delete_is_none_any_more()
    {
        await RunAsync(1);
        var id = Manifest.IdOf(Folder)!;
        await RunAsync(2);
        Directory.Move(Kept.Folders[id], _workspace.PathOf($"kept/{id}~leaving"));
        Assert.Empty(Kept.Folders);
        Assert.Equal([Folder], Verification.ArtifactsBelow(_workspace.Path));
        Assert.Equal(StepEnd.Ran, (await RunAsync(1)).State);
    }

    private static void Damage(string folder, string how)
    {
        var value = Path.Combine(folder, "value");
        if (how == "one bit") File.WriteAllText(value, ((char)(File.ReadAllText(value)[0] ^ 1)).ToString());
        else if (how == "cut off") File.WriteAllText(value, "");
        else File.Delete(Path.Combine(folder, Manifest.FileName));
    }

    private static Dictionary<string, string> Files(string folder) => Directory.EnumerateFiles(folder).ToDictionary(path => Path.GetFileName(path)!, File.ReadAllText);

    private Task<StepOutcome> RunAsync(int value) => new StepRunner(new Notes(_notes), TimeProvider.System, 1, "cpu") { Kept = Kept }.RunAsync(Step(value), _cancellation);

    private Step Step(int value) => new("a", Folder, 1, new JsonObject { ["value"] = value }, new Dictionary<string, string>(), async (context, cancellation) =>
    {
        _runs++;
        await File.WriteAllTextAsync(context.Output.PathFor("value"), $"{value}", cancellation);
        await File.WriteAllTextAsync(context.Output.PathFor(Manifest.FetchesFileName), $"run {_runs}", cancellation);
    });

    private sealed class Notes(List<string> notes) : IProgressSink
    {
        public IProgressTask Start(string what, long? total) => throw new NotSupportedException();

        public void Note(string line) => notes.Add(line);
    }
}
