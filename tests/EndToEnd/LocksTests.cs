using System.Diagnostics;
using System.Globalization;
using LmmRec.Artifacts.Store;

namespace LmmRec.EndToEnd;

/// <summary>Several processes on one workspace, where locks of files do nothing, as on some NFS.</summary>
public sealed class LocksTests : IDisposable
{
    // Long enough that what the test does to it always comes before its end.
    private static readonly string[] Endless = ["run", "--set", "train.epochs=100000", "--set", "train.patience=100000", "--set", "train.options={}", "--set", "train.recommenders=[\"bpr\"]"];

    private static readonly string[] Quick = ["run", "--set", "train.epochs=2", "--set", "train.options={}", "--set", "train.recommenders=[\"bpr\"]"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_run_is_refused_waits_or_skips_as_it_is_told_and_says_who_holds_the_workspace()
    {
        using var first = Start(Endless);
        await first.WaitForAsync("train/bpr-s999: runs");
        var holder = string.Create(CultureInfo.InvariantCulture, $"is in use by lmmrec run, process {first.Id} on {Environment.MachineName} since ");
        Assert.Contains(holder, (await Run(Quick)).Expect(5).Error, StringComparison.Ordinal);
        var skipped = (await Run([.. Quick, "--if-locked", "skip", "--summary", "summary.json"])).Expect(0);
        Assert.Contains("skipped: sample/comparison of ", await File.ReadAllTextAsync(_folder.PathOf("summary.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains($"skipped: sample/comparison of workspace 'artifacts' {holder}", skipped.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing changed", skipped.Error, StringComparison.Ordinal);

        using var waiting = Start([.. Quick, "--if-locked", "wait"]);
        await waiting.WaitForAsync($"waiting: sample/comparison of workspace 'artifacts' {holder}");
        first.Kill();
        await first.EndAsync();
        var next = (await waiting.EndAsync()).Expect(0); // takes over from the dead one
        Assert.Contains($"taken over from lmmrec run, process {first.Id}", next.Error, StringComparison.Ordinal);
        Assert.Contains("\ningest: nothing changed, skipped", next.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_whole_runs_the_one_that_waits_finds_all_done_and_the_bytes_are_those_of_one()
    {
        (await Run([.. Quick, "--workspace", "alone"])).Expect(0);
        using var first = Start(Quick);
        await first.WaitForAsync("ingest: runs");
        using var second = Start([.. Quick, "--if-locked", "wait"]);
        (await first.EndAsync()).Expect(0);
        Assert.DoesNotContain(": runs (", (await second.EndAsync()).Expect(0).Error, StringComparison.Ordinal);
        Assert.Equal(Manifests("alone"), Manifests("artifacts"));
    }

    [Fact]
    public async Task Runs_on_different_data_sets_go_on_beside_each_other_and_give_the_bytes_of_one_after_the_other()
    {
        string[] One(string name) => [.. Quick, "--set", $"dataset.name={name}", "--set", $"dataset.seed={name.Length}"];
        foreach (var name in new[] { "shop", "other" }) (await Run([.. One(name), "--workspace", "after"])).Expect(0);
        var both = await Task.WhenAll(Run(One("shop")), Run(One("other")));
        Assert.All(both, run => run.Expect(0));
        Assert.All(both.SelectMany(run => run.Error.Split('\n')).Where(line => line.Contains("waiting: ", StringComparison.Ordinal)), line => Assert.Contains("waiting: report of ", line, StringComparison.Ordinal));
        Assert.Equal(Manifests("after"), Manifests("artifacts"));
        (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(0);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_run_that_waits()
    {
        await using var held = await HoldAsync("sample/models");
        using var waiting = Start([.. Quick, "--if-locked", "wait"]);
        await waiting.WaitForAsync("waiting: sample/models");
        waiting.Interrupt();
        (await waiting.EndAsync()).Expect(130);
    }

    [Fact]
    public async Task A_workspace_that_is_read_only_is_said_to_be_so_and_can_be_looked_at()
    {
        (await Run(Quick)).Expect(0);
        var workspace = _folder.PathOf("artifacts");
        if (!await ShellAsync("mount", "--bind", workspace, workspace)) Assert.Skip("this user may not mount a folder");
        try
        {
            Assert.True(await ShellAsync("mount", "-o", "remount,bind,ro", workspace));
            foreach (var ifLocked in new[] { "fail", "wait", "skip" })
                Assert.Contains("workspace 'artifacts': cannot be made or written to: ", (await Run([.. Quick, "--if-locked", ifLocked])).Expect(1).Error, StringComparison.Ordinal);
            foreach (var command in new[] { new[] { "status" }, ["verify"], ["config"], ["run", "--dry-run"], ["export", "features", "clip-small"] })
                (await Lmmrec.RunAsync(_folder.Path, command)).Expect(0);
        }
        finally
        {
            await ShellAsync("umount", workspace);
        }
    }

    [Fact]
    public async Task A_disk_without_room_for_a_lock_is_said_and_no_lock_stays_behind()
    {
        var workspace = Directory.CreateDirectory(_folder.PathOf("artifacts")).FullName;
        if (!await ShellAsync("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", workspace)) Assert.Skip("this user may not mount a small disk");
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(workspace, "full"), new byte[4096], TestContext.Current.CancellationToken);
            Assert.Contains("workspace 'artifacts': cannot be made or written to: No space left on device", (await Run(Quick)).Expect(1).Error, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(workspace, "locks")));
        }
        finally
        {
            await ShellAsync("umount", workspace);
        }
    }

    /// <summary>In a container of its own its process cannot be seen from here: only its beat tells that it lives, and stopped it has none.</summary>
    [Fact]
    public async Task A_run_that_was_stopped_and_taken_over_puts_nothing_in_its_place_when_it_goes_on()
    {
        string[] container = ["unshare", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];
        if (!await ShellAsync([.. container, "true"])) Assert.Skip("this user may not make a namespace of process ids");
        using var asleep = Lmmrec.StartUnder(_folder.Path, ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING=1", .. container], Endless);
        await asleep.WaitForAsync("train/bpr-s999: runs");
        var process = int.Parse((await File.ReadAllTextAsync($"/proc/{asleep.Id}/task/{asleep.Id}/children", TestContext.Current.CancellationToken)).Trim(), CultureInfo.InvariantCulture);
        Assert.True(await ShellAsync("kill", "-STOP", $"{process}"));
        await using (await HoldAsync("sample/models"))
        {
            var before = Manifests("artifacts");
            Assert.True(await ShellAsync("kill", "-CONT", $"{process}"));
            var ended = (await asleep.EndAsync()).Expect(5);
            Assert.Contains("sample/models of workspace 'artifacts' was taken over by a test, process ", ended.Error, StringComparison.Ordinal);
            Assert.Equal(before, Manifests("artifacts"));
        }
    }

    private Lmmrec Start(string[] arguments) => Lmmrec.StartUnder(_folder.Path, ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING=1"], arguments);

    private Task<Ended> Run(string[] arguments) => Lmmrec.RunUnderAsync(_folder.Path, ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING=1"], arguments);

    private async Task<StageLock> HoldAsync(string key) => (await StageLock.TakeAsync(
        _folder.PathOf("artifacts"), [key], "a test", IfLocked.Wait, _ => { }, new FastClock(times: 100), TestContext.Current.CancellationToken))!;

    // Of the data sets; the hash of each manifest covers all bytes of its artifact.
    private Dictionary<string, string?> Manifests(string workspace) => Verification.ArtifactsBelow(_folder.PathOf(workspace))
        .Select(folder => (Path: folder, Name: Path.GetRelativePath(_folder.PathOf(workspace), folder))).Where(folder => !WorkspaceFolders.All.ContainsKey(folder.Name.Split(Path.DirectorySeparatorChar)[0]))
        .ToDictionary(folder => folder.Name, folder => Manifest.IdOf(folder.Path));

    private static async Task<bool> ShellAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }
}
