namespace LmmRec.Artifacts.Store;

/// <summary>What a command does where another process holds a lock that it needs.</summary>
public enum IfLocked
{
    /// <summary>It ends with an error.</summary>
    Fail,

    /// <summary>It waits until the lock is free.</summary>
    Wait,

    /// <summary>It does nothing, and that is no error.</summary>
    Skip,
}

/// <summary>
/// One writer per folder of a workspace, whatever the file system. A lock is known by its key, the folder's path relative to the workspace: it keeps others from that folder, from those within and from
/// those around it. How it works, and what it can promise: docs/runs.md#locks.
/// </summary>
public sealed class StageLock : IAsyncDisposable
{
    /// <summary>The key of the whole workspace: it keeps all others out. Who waits for it holds nothing meanwhile, so that others come and go.</summary>
    public const string Everything = "/";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10), LongestPause = TimeSpan.FromSeconds(1);

    private readonly string _workspace;
    private readonly TimeProvider _clock;
    private readonly StageLockTickets _tickets;
    private readonly StageLockWatch _watch;
    private readonly Lock _writing = new(); // guards the owner and the own tickets, for the beats come from another thread
    private readonly Dictionary<string, OwnTicket> _own = [];
    private readonly CancellationTokenSource _lost = new();
    private readonly ITimer _beats;
    private StageLockOwner _self;
    private string? _told;

    private StageLock(string workspace, StageLockOwner self, TimeProvider clock)
    {
        (_workspace, _self, _clock, _tickets, _watch) = (workspace, self, clock, new StageLockTickets(Path.Combine(workspace, WorkspaceFolders.Locks)), new StageLockWatch(clock));
        _beats = clock.CreateTimer(_ => Beat(), null, StageLockWatch.Beat, StageLockWatch.Beat);
    }

    /// <summary>Cancelled when another process took the lock over, since this one gave no sign of life for a minute, as where its machine slept.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>A ticket of this lock, by which others see whether it is held; null: there is none, since no key was asked for.</summary>
    public string? Ticket
    {
        get
        {
            lock (_writing) return _own.Values.FirstOrDefault() is { } own ? StageLockTickets.NameOf(own.Key, own.Number) : null;
        }
    }

    /// <summary>Whether a lock is held by its <see cref="Ticket"/>, as far as can be seen from here: an owner elsewhere whose ticket is as it was for a minute does not count.</summary>
    public static bool IsHeld(string workspace, string ticket) => new StageLockTickets(Path.Combine(workspace, WorkspaceFolders.Locks)).IsHeld(ticket);

    /// <summary>Takes locks, in an order that keeps two who want several from waiting for each other.</summary>
    /// <param name="workspace">the workspace's folder, made if it is not there</param>
    /// <param name="keys">the folders to lock, relative to the workspace, with <c>/</c> between names</param>
    /// <param name="owner">what the message to others calls us, such as <c>lmmrec run</c></param>
    /// <param name="ifLocked">what to do where another process holds one</param>
    /// <param name="tell">gets a line for people: who is waited for, whenever that changes; who was taken over; why it was skipped</param>
    /// <param name="clock">the clock</param>
    /// <param name="cancellation">ends waiting</param>
    /// <returns>null: another process holds one, and the command is to be skipped.</returns>
    /// <exception cref="StageInUseException">Another process holds one, and that is an error.</exception>
    /// <exception cref="InvalidInputException">The workspace cannot be made or written to.</exception>
    public static async Task<StageLock?> TakeAsync(
        string workspace, IReadOnlyList<string> keys, string owner, IfLocked ifLocked, Action<string> tell, TimeProvider clock, CancellationToken cancellation)
    {
        // Those of all data sets last: who holds others waits for them, too.
        var sorted = keys.Distinct().OrderBy(key => !key.Contains('/', StringComparison.Ordinal)).ThenBy(key => key, StringComparer.Ordinal).ToList();
        var made = new StageLock(workspace, StageLockOwner.Self(owner, sorted, clock.GetUtcNow()), clock);
        try
        {
            foreach (var key in sorted)
            {
                if (await made.TakeAsync(key, ifLocked, tell, cancellation)) continue;
                await made.DisposeAsync();
                return null;
            }
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes another one beside these, however long that takes; it has an end of its own.</summary>
    public async Task<StageLock> AlsoAsync(string key, Action<string> tell, CancellationToken cancellation) =>
        (await TakeAsync(_workspace, [key], _self.Command, IfLocked.Wait, tell, _clock, cancellation))!;

    /// <summary>Looks whether another process took the lock over; to be asked before anything is put where others read it, or deleted.</summary>
    /// <exception cref="IOException">The locks cannot be read or written.</exception>
    public bool IsLost() => FindLost() is not null;

    /// <summary>The same as an error.</summary>
    /// <exception cref="StageInUseException">Another process took the lock over: nothing must be written.</exception>
    /// <exception cref="IOException">The locks cannot be read or written.</exception>
    public void ThrowIfLost()
    {
        if (FindLost() is not { } key) return;
        var by = _tickets.Concerning(key).FirstOrDefault(ticket => ticket.Key == key);
        throw new StageInUseException(
            $"{Name(key)} was taken over by {Owner(by)}: this process had given no sign of life for {StageLockWatch.Longest.TotalSeconds} s, as where a machine sleeps; finished steps stay, and nothing was replaced since; run the same command again");
    }

    /// <summary>Does <paramref name="work"/>, which is cancelled when the lock is lost; whatever that leads to, the loss is the error.</summary>
    /// <exception cref="StageInUseException">The lock was lost.</exception>
    public async Task<T> WhileHeldAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Lost);
        try
        {
            return await work(end.Token);
        }
        catch (Exception e) when (e is not StageInUseException && Lost.IsCancellationRequested)
        {
            ThrowIfLost();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _beats.DisposeAsync();
        lock (_writing)
            foreach (var key in _own.Keys.Reverse().ToList()) Release(key);
        _lost.Dispose();
    }

    // Raises the beat, too: a file server that has given our ticket up says so.
    private string? FindLost()
    {
        string? lost;
        lock (_writing)
        {
            _self = _self with { Beat = _self.Beat + 1 };
            foreach (var ticket in _own.Values) ticket.Write(_self);
            lost = _own.Values.FirstOrDefault(ticket => ticket.IsTaken && !_tickets.IsHighest(ticket.Key, ticket.Number))?.Key;
        }
        if (lost is not null) _lost.Cancel();
        return lost;
    }

    private async Task<bool> TakeAsync(string key, IfLocked ifLocked, Action<string> tell, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause < LongestPause / 2 ? 2 * pause : LongestPause)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Attempt(key, tell) is not var (holder, sign)) return true;
            var inUse = $"{Name(key)} is in use by {Owner(holder)}";
            if (sign == SignOfLife.Seen && ifLocked == IfLocked.Fail)
                throw new StageInUseException($"{inUse}; run the command again when that has ended, or with --if-locked wait");
            if (sign == SignOfLife.Seen && ifLocked == IfLocked.Skip)
            {
                tell($"skipped: {inUse}");
                return false;
            }
            var line = ifLocked == IfLocked.Wait ? $"waiting: {inUse}" : $"{inUse}; looking whether that still runs";
            Tell(line, tell);
            await Task.Delay(pause, _clock, cancellation);
        }
    }

    // Takes the key, or says who is in the way.
    private (StageLockTicket Holder, SignOfLife Sign)? Attempt(string key, Action<string> tell)
    {
        try
        {
            while (true)
            {
                var others = _tickets.Concerning(key).Where(ticket => !IsOwn(ticket)).Select(ticket => (Ticket: ticket, Sign: _watch.Of(ticket))).ToList();
                var before = others.Find(other => other.Ticket.Key == key).Ticket;
                if (before is not null) GiveUp(key);
                if (others.FindIndex(other => other.Sign != SignOfLife.None) is >= 0 and var at)
                {
                    // Of two that would wait for each other the narrower one gives way; who holds a folder may come to want another one, and so the whole workspace gives way to any.
                    if (key == Everything || (others[at].Ticket.Key is not Everything && others[at].Ticket.Key.Length < key.Length)) lock (_writing) Release(key);
                    return others[at];
                }
                if (_own.TryGetValue(key, out var own)) // and so nobody else had it when that was made
                {
                    if (!others.TrueForAll(PutAside)) continue;
                    own.IsTaken = true;
                    _tickets.DeleteBelow(key, own.Number);
                    return null;
                }
                if (!_tickets.TryMake(key, (before?.Number ?? 0) + 1, _self, out own)) continue;
                lock (_writing) _own.Add(key, own);
                if (before is { Owner: not { Released: true } }) Tell($"workspace '{_workspace}': taken over from {Owner(before)}, and did not end in order", tell);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"workspace '{_workspace}': cannot be made or written to: {e.Message.TrimEnd('.')}; name another with --workspace", e);
        }
    }

    private void Tell(string line, Action<string> tell)
    {
        if (line != _told) tell(_told = line);
    }

    private bool IsOwn(StageLockTicket ticket) => _own.TryGetValue(ticket.Key, out var own) && own.Number == ticket.Number;

    // A dead owner around or within must see, should it come back to life, that it holds nothing any more.
    private bool PutAside((StageLockTicket Ticket, SignOfLife Sign) dead)
    {
        if (dead.Ticket.Owner is { Released: true }) return true;
        if (!_tickets.TryMake(dead.Ticket.Key, dead.Ticket.Number + 1, _self with { Released = true }, out var made)) return false;
        made.Dispose();
        return true;
    }

    private void GiveUp(string key)
    {
        lock (_writing)
        {
            if (!_own.Remove(key, out var own)) return;
            own.Dispose();
            _tickets.Delete(key, own.Number);
        }
    }

    private void Release(string key)
    {
        if (!_own.Remove(key, out var own)) return;
        try
        {
            own.Write(_self with { Released = true });
        }
        catch (IOException)
        {
            // Others find it when this process has ended.
        }
        own.Dispose();
    }

    private void Beat()
    {
        try
        {
            FindLost();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file server that is away may be back at the next beat; who commits before asks anew.
        }
    }

    private string Name(string key) => key == Everything ? $"workspace '{_workspace}'" : $"{key} of workspace '{_workspace}'";

    private static string Owner(StageLockTicket? ticket) => ticket?.Owner?.ToString() ?? "another process";
}
