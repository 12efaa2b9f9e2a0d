using System.Globalization;
using LmmRec.Artifacts;

namespace LmmRec.EndToEnd.BadDays;

/// <summary>Runs that are killed with -9 wherever they are.</summary>
[Collection(BadDay.Name)]
public sealed class KilledRunTests(TinyRun tiny) : IDisposable
{
    private const int Killed = 128 + 9;

    // A run is killed some ten times before it is through.
    private const int KillsOfARun = 10;

    private readonly TemporaryFolder _folder = new();

    // bench/kill-nine.sh asks for more.
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("LMMREC_KILLS") ?? "20", CultureInfo.InvariantCulture);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_is_killed_again_and_again_comes_to_the_bytes_of_one_that_was_not_however_many_steps_it_ran_at_once()
    {
        var random = SeededRandom.For(19, "kills");
        var kills = 0;
        for (var runs = 1; kills < Kills; runs++)
        {
            while (await RunAsync(jobs: 1 + random.NextInt32(2), killAfter: kills < Kills ? Next() : long.MaxValue) == Killed) kills++;
            Assert.Empty(WorkspaceContent.Differences(tiny.Workspace, _folder.PathOf("artifacts")));
            Directory.Delete(_folder.PathOf("artifacts"), recursive: true);
            TestContext.Current.TestOutputHelper!.WriteLine($"run {runs} came to its end; {kills} kills so far");
        }

        long Next() => random.NextInt32((int)(2 * tiny.Writes / KillsOfARun));
    }

    private async Task<int> RunAsync(int jobs, long killAfter)
    {
        using var run = Lmmrec.Start(_folder.Path, ["run", "--jobs", $"{jobs}", .. tiny.Options]);
        await run.WaitForWritesAsync(killAfter);
        run.Kill();
        var ended = await run.EndAsync();
        return ended.ExitCode == Killed ? Killed : ended.Expect(0).ExitCode;
    }
}
