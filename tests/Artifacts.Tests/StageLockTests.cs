using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;
using Microsoft.Extensions.Time.Testing;

namespace LmmRec.Artifacts.Tests;

public sealed class StageLockTests : IDisposable
{
    private const string Models = "sample/models";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _workspace = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 2, 0, 5, TimeSpan.Zero));
    private readonly List<string> _told = [];
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_second_writer_is_refused_and_told_who_holds_the_folder_since_when_and_what_else()
    {
        await using (await TakeAsync([Models, "sample/ingest"], IfLocked.Fail))
        {
            var error = await Assert.ThrowsAsync<StageInUseException>(() => TakeAsync([Models], IfLocked.Fail));
            Assert.Equal(
                $"{Models} of workspace '{_workspace.Path}' is in use by lmmrec run, process {Environment.ProcessId} on {Environment.MachineName} since 2026-11-26 02:00:05 UTC, which writes to sample/ingest, {Models}; run the command again when that has ended, or with --if-locked wait",
                error.Message);
        }
        await (await TakeAsync([Models], IfLocked.Fail))!.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_refused_one_of_several_keeps_none_of_them()
    {
        await using var held = await TakeAsync([Models], IfLocked.Fail);
        await Assert.ThrowsAsync<StageInUseException>(() => TakeAsync(["sample/features", Models], IfLocked.Fail));
        await (await TakeAsync(["sample/features"], IfLocked.Fail))!.DisposeAsync();
    }

    [Fact]
    public async Task Who_skips_gets_nothing_and_a_line_that_says_why()
    {
        await using var held = await TakeAsync([Models], IfLocked.Fail);
        Assert.Null(await TakeAsync(["sample/ingest", Models], IfLocked.Skip));
        Assert.StartsWith($"skipped: {Models} of workspace '{_workspace.Path}' is in use by lmmrec run, ", Assert.Single(_told), StringComparison.Ordinal);
        await (await TakeAsync(["sample/ingest"], IfLocked.Fail))!.DisposeAsync();
    }

    [Theory]
    [InlineData("sample/models", "sample/features")]
    [InlineData("sample/models", "other/models")]
    [InlineData("sample/features/1-of-2", "sample/features/2-of-2")]
    [InlineData("sample/features", "sample/features-of-mine")]
    public async Task Folders_beside_each_other_are_written_at_the_same_time(string one, string other)
    {
        await using var first = await TakeAsync([one], IfLocked.Fail);
        await using var second = await TakeAsync([other], IfLocked.Fail);
    }

    [Theory]
    [InlineData("sample/features/1-of-2", "sample/features")]
    [InlineData("sample/features", "sample/features/1-of-2")]
    [InlineData("sample/features/1-of-2", "sample/features/1-of-2")]
    [InlineData("sample/features", StageLock.Everything)]
    [InlineData(StageLock.Everything, "report")]
    [InlineData(StageLock.Everything, "a/models")] // of a data set that is new
    public async Task A_folder_is_not_written_while_one_around_it_or_within_it_is(string one, string other)
    {
        await using (await TakeAsync([one], IfLocked.Fail)) await Assert.ThrowsAsync<StageInUseException>(() => TakeAsync([other], IfLocked.Fail));
        await (await TakeAsync([other], IfLocked.Fail))!.DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_says_once_for_whom_and_gets_the_lock_when_it_is_given_back()
    {
        var held = await TakeAsync([Models], IfLocked.Fail);
        var waiting = TakeAsync([Models], IfLocked.Wait);
        Pass(300, waiting);
        Assert.False(waiting.IsCompleted);
        Assert.StartsWith($"waiting: {Models} of workspace '{_workspace.Path}' is in use by lmmrec run, ", Assert.Single(_told), StringComparison.Ordinal);
        await held!.DisposeAsync();
        await (await EndAsync(waiting))!.DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_for_the_whole_workspace_keeps_others_from_nothing()
    {
        var run = await TakeAsync(["shop/models"], IfLocked.Fail);
        var waiting = TakeAsync([StageLock.Everything], IfLocked.Wait);
        Pass(5, waiting);
        Assert.StartsWith($"waiting: workspace '{_workspace.Path}' is in use by lmmrec run, ", Assert.Single(_told), StringComparison.Ordinal);
        var other = await TakeAsync(["other/ingest"], IfLocked.Fail);
        await (await run!.AlsoAsync("report", _told.Add, _cancellation).WaitAsync(60 * Second, _cancellation)).DisposeAsync(); // as the run that is waited for does at its end
        await run.DisposeAsync();
        Pass(5, waiting);
        Assert.False(waiting.IsCompleted);
        await other!.DisposeAsync();
        await using var all = await EndAsync(waiting);
        await Assert.ThrowsAsync<StageInUseException>(() => TakeAsync(["new/ingest"], IfLocked.Fail));
    }

    [Fact]
    public async Task Waiting_ends_at_once_when_it_is_cancelled()
    {
        await using var held = await TakeAsync([Models], IfLocked.Fail);
        using var interrupt = new CancellationTokenSource();
        var waiting = StageLock.TakeAsync(_workspace.Path, ["sample/ingest", Models], "lmmrec run", IfLocked.Wait, _told.Add, _clock, interrupt.Token);
        await interrupt.CancelAsync(); // and the clock stands still
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await (await TakeAsync(["sample/ingest"], IfLocked.Fail))!.DisposeAsync();
    }

    [Theory]
    [InlineData(IfLocked.Fail)]
    [InlineData(IfLocked.Wait)]
    [InlineData(IfLocked.Skip)]
    public async Task A_lock_of_a_process_that_is_gone_is_free_at_once(IfLocked ifLocked)
    {
        using var gone = Process.Start(new ProcessStartInfo("dotnet", ["--version"]) { RedirectStandardOutput = true })!;
        await gone.WaitForExitAsync(_cancellation);
        await using var held = await TakeAsync(["sample/ingest", Models], IfLocked.Fail);
        foreach (var key in new[] { "sample/ingest", Models }) Edit(key, ticket => ticket["process"] = gone.Id);
        await using var next = await TakeAsync(["sample/ingest", Models], ifLocked);
        Assert.StartsWith($"workspace '{_workspace.Path}': taken over from lmmrec run, process {gone.Id} on ", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_is_free_at_once_where_another_process_has_the_id_of_its_owner()
    {
        await using var held = await TakeAsync([Models], IfLocked.Fail);
        Edit(Models, ticket => ticket["started"] = "1");
        await using var next = await TakeAsync([Models], IfLocked.Fail);
    }

    [Fact]
    public async Task An_owner_on_another_machine_is_dead_after_a_minute_without_a_beat()
    {
        await using var held = await ElsewhereAsync();
        var next = TakeAsync([Models], IfLocked.Fail);
        Pass(59, next);
        Assert.False(next.IsCompleted);
        await using var taken = await EndAsync(next);
        Assert.Collection(
            _told,
            line => Assert.EndsWith("; looking whether that still runs", line, StringComparison.Ordinal),
            line => Assert.Contains(": taken over from lmmrec run, ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_owner_on_another_machine_whose_beat_is_seen_is_not_taken_over()
    {
        await using var held = await ElsewhereAsync();
        var waiting = TakeAsync([Models], IfLocked.Wait);
        for (var beat = 2; beat < 10; beat++)
        {
            Pass(50, waiting);
            Edit(Models, ticket => ticket["beat"] = beat);
        }
        Assert.False(waiting.IsCompleted);
        var refused = TakeAsync([Models], IfLocked.Fail);
        Edit(Models, ticket => ticket["beat"] = 10);
        Pass(2, refused);
        await Assert.ThrowsAsync<StageInUseException>(() => refused);
        await held.DisposeAsync();
        await (await EndAsync(waiting))!.DisposeAsync();
    }

    [Fact]
    public async Task The_id_of_a_process_says_nothing_where_the_owner_counts_processes_by_itself()
    {
        await using var held = await ElsewhereAsync();
        Edit(Models, ticket => ticket["process"] = int.MaxValue); // there is none of this id here
        var next = TakeAsync([Models], IfLocked.Fail);
        Pass(59, next);
        Assert.False(next.IsCompleted);
        await using var taken = await EndAsync(next);
    }

    [Fact]
    public async Task A_ticket_that_nobody_wrote_to_is_free_after_a_minute()
    {
        Directory.CreateDirectory(_workspace.PathOf("locks"));
        await File.WriteAllTextAsync(_workspace.PathOf("locks/sample~models.7"), "", _cancellation);
        var next = TakeAsync([Models], IfLocked.Fail);
        Pass(59, next);
        Assert.False(next.IsCompleted);
        await using var taken = await EndAsync(next);
        Assert.Equal(["sample~models.8"], Directory.EnumerateFiles(_workspace.PathOf("locks")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("sample/models")]
    [InlineData("sample/models/part")]
    [InlineData("sample")]
    public async Task Who_was_taken_over_in_its_sleep_notices_and_leaves_the_lock_to_the_other(string key)
    {
        var asleep = await ElsewhereAsync();
        asleep.ThrowIfLost(); // awake still
        Edit(Models, ticket => ticket["machine"] = "elsewhere");
        var next = TakeAsync([key], IfLocked.Wait);
        await using var taken = await EndAsync(next);
        Assert.False(asleep.Lost.IsCancellationRequested);
        var error = Assert.Throws<StageInUseException>(asleep.ThrowIfLost);
        Assert.StartsWith($"{Models} of workspace '{_workspace.Path}' was taken over by lmmrec run, ", error.Message, StringComparison.Ordinal);
        Assert.True(asleep.Lost.IsCancellationRequested);
        await asleep.DisposeAsync();
        taken!.ThrowIfLost();
        await Assert.ThrowsAsync<StageInUseException>(() => TakeAsync([key], IfLocked.Fail));
    }

    [Fact]
    public async Task The_beat_goes_on_by_itself_and_with_it_the_look_whether_the_lock_was_lost()
    {
        var clock = new FakeTimeProvider();
        await using var held = (await StageLock.TakeAsync(_workspace.Path, [Models], "lmmrec run", IfLocked.Fail, _told.Add, clock, _cancellation))!;
        var before = (long)Ticket(Models)["beat"]!;
        clock.Advance(10 * Second);
        Assert.Equal(before + 1, (long)Ticket(Models)["beat"]!);
        await File.WriteAllTextAsync(_workspace.PathOf("locks/sample~models.2"), "", _cancellation);
        clock.Advance(10 * Second);
        Assert.True(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lock_beside_the_others_is_waited_for_and_has_an_end_of_its_own()
    {
        await using var one = await TakeAsync(["sample/evaluation"], IfLocked.Fail);
        var report = await one!.AlsoAsync("report", _told.Add, _cancellation);
        var waiting = TakeAsync(["report"], IfLocked.Wait);
        Pass(5, waiting);
        Assert.False(waiting.IsCompleted);
        await report.DisposeAsync();
        await (await EndAsync(waiting))!.DisposeAsync();
    }

    [Fact]
    public async Task A_ticket_tells_who_and_since_when_and_nothing_else()
    {
        await using var held = await TakeAsync([Models], IfLocked.Fail);
        Assert.Equal(["command", "holds", "host", "machine", "process", "started", "since", "beat", "released"], Ticket(Models).Select(property => property.Key));
    }

    [Fact]
    public async Task A_workspace_that_cannot_be_written_to_is_not_said_to_be_in_use()
    {
        await File.WriteAllTextAsync(_workspace.PathOf("locks"), "a file where the folder would be", _cancellation);
        foreach (var ifLocked in Enum.GetValues<IfLocked>())
        {
            var error = await Assert.ThrowsAsync<InvalidInputException>(() => TakeAsync([Models], ifLocked));
            Assert.StartsWith($"workspace '{_workspace.Path}': cannot be made or written to: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Eight_processes_that_take_the_lock_in_turn_lose_no_count_where_locks_of_files_do_nothing()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var locker = Start(times: 200);
            return await NumbersAsync(locker);
        }));
        Assert.Equal(Enumerable.Range(1, 1600), numbers.SelectMany(made => made).Order());
    }

    /// <summary>Each number is made under the lock: two of the same value would be of two that held it at once.</summary>
    [Fact]
    public async Task Processes_that_are_killed_at_any_instant_keep_no_other_waiting_and_let_no_two_in()
    {
        var random = new SeededRandom(19);
        var kills = Enumerable.Range(0, 16).Select(_ => random.NextInt32(20)).ToList();
        var survivors = Enumerable.Range(0, 2).Select(async _ =>
        {
            using var locker = Start(times: 200);
            var made = await NumbersAsync(locker);
            Assert.Equal((0, 200), (locker.ExitCode, made.Count));
            return made;
        }).ToList();
        var killed = Enumerable.Range(0, 4).Select(async process =>
        {
            var all = new List<int>();
            foreach (var after in kills.Chunk(4).ElementAt(process))
            {
                using var locker = Start(times: 10_000);
                all.AddRange(await NumbersAsync(locker, killAfter: after));
            }
            return all;
        });
        var numbers = (await Task.WhenAll([.. survivors, .. killed])).SelectMany(made => made).ToList();
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
    }

    private Task<StageLock?> TakeAsync(IReadOnlyList<string> keys, IfLocked ifLocked)
    {
        // Without one, what waits goes on within the call that lets the time pass.
        SynchronizationContext.SetSynchronizationContext(null);
        return StageLock.TakeAsync(_workspace.Path, keys, "lmmrec run", ifLocked, _told.Add, _clock, _cancellation);
    }

    // Held by a process of another machine whose clock, and so whose beat, stands still.
    private async Task<StageLock> ElsewhereAsync()
    {
        var held = await StageLock.TakeAsync(_workspace.Path, [Models], "lmmrec run", IfLocked.Fail, _told.Add, new FakeTimeProvider(), _cancellation);
        Edit(Models, ticket => ticket["machine"] = "elsewhere");
        return held!;
    }

    private string TicketOf(string key) => Directory.EnumerateFiles(_workspace.PathOf("locks"), key.Replace('/', '~') + ".*").Max(StringComparer.Ordinal)!;

    private JsonObject Ticket(string key) => JsonNode.Parse(File.ReadAllText(TicketOf(key)))!.AsObject();

    private void Edit(string key, Action<JsonObject> change)
    {
        var ticket = Ticket(key);
        change(ticket);
        File.WriteAllText(TicketOf(key), ticket.ToJsonString());
    }

    // Lets time pass, second by second.
    private void Pass(int seconds, Task? until = null)
    {
        for (var second = 0; second < seconds && until?.IsCompleted != true; second++) _clock.Advance(Second);
    }

    private async Task<StageLock?> EndAsync(Task<StageLock?> waiting)
    {
        Pass(70, waiting);
        return await waiting.WaitAsync(Second * 60, _cancellation);
    }

    private Process Start(int times)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LmmRec.Artifacts.Locker.dll"), _workspace.Path, $"{times}"])
        {
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1" },
        };
        return Process.Start(start)!;
    }

    private async Task<List<int>> NumbersAsync(Process locker, int? killAfter = null)
    {
        using var guard = new ProcessGuard(locker);
        var numbers = new List<int>();
        while (await locker.StandardOutput.ReadLineAsync(_cancellation) is { } line)
        {
            numbers.Add(int.Parse(line, CultureInfo.InvariantCulture));
            if (numbers.Count == killAfter) locker.Kill(); // SIGKILL, at whatever instant it arrives; what was written until then is still read
        }
        await locker.WaitForExitAsync(_cancellation);
        return numbers;
    }
}
