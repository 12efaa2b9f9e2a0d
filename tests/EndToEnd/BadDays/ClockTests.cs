using System.Diagnostics;

namespace LmmRec.EndToEnd.BadDays;

/// <summary>A machine whose clock was set back, by Debian's faketime; without it the test is skipped.</summary>
[Collection(BadDay.Name)]
public sealed class ClockTests(TinyRun tiny) : IDisposable
{
    // The waits of a process go on, and files have the kernel's times, as where the clock was set.
    private static readonly string[] LastYear = ["FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1", "faketime", "-f", "-400d"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_clock_that_is_set_back_between_two_runs_makes_nothing_run_again_and_the_later_run_stays_the_later()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/faketime"), "there is no faketime here; on Debian: apt-get install faketime");
        Process.Start("cp", ["-r", tiny.Workspace, _folder.PathOf("artifacts")]).WaitForExit();
        var again = (await Lmmrec.RunUnderAsync(_folder.Path, LastYear, ["run", .. tiny.Options])).Expect(0);
        Assert.Contains("report: nothing changed, skipped", again.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(": runs (", again.Error, StringComparison.Ordinal);
        Assert.Empty(WorkspaceContent.Differences(tiny.Workspace, _folder.PathOf("artifacts")));
        var runs = (await Lmmrec.RunAsync(_folder.Path, "runs")).Expect(0).Output.Split('\n').Where(line => line.Contains("all is done", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, runs.Count);
        Assert.Contains(" 0 of ", runs[1], StringComparison.Ordinal);
    }
}
