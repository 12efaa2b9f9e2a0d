namespace LmmRec.EndToEnd.BadDays;

/// <summary>A workspace on a disk that is full.</summary>
[Collection(BadDay.Name)]
public sealed class FullDiskTests(TinyRun tiny) : IDisposable
{
    private readonly SmallDisk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task A_stage_on_a_full_disk_says_where_it_ended_leaves_nothing_half_written_and_goes_on_when_there_is_room()
    {
        foreach (var (stage, folder) in new[] { ("ingest", "ingest"), ("featurize", "features"), ("train", "models"), ("evaluate", "evaluation") })
        {
            _disk.Fill(butFor: 24 << 10);
            var full = (await Run(stage)).Expect(1);
            Assert.Contains($"No space left on device : '{_disk.PathOf($"artifacts/sample/{folder}")}", full.Error, StringComparison.Ordinal);
            Assert.Contains("run the same command again when this is mended", full.Error, StringComparison.Ordinal);
            Assert.DoesNotContain(Finished(), path => path.StartsWith(folder, StringComparison.Ordinal));
            _disk.MakeRoom();
            (await Run(stage)).Expect(0);
        }
        Assert.Empty(WorkspaceContent.Differences(tiny.Workspace, _disk.PathOf("artifacts")));
    }

    private Task<Ended> Run(string command) => Lmmrec.RunAsync(_disk.Path, [command, .. tiny.Options]);

    private IEnumerable<string> Finished() => Directory.EnumerateFiles(_disk.PathOf("artifacts/sample"), "manifest.json", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_disk.PathOf("artifacts/sample"), path));
}
