namespace LmmRec.Artifacts.Store;

/// <summary>What is known of a ticket's owner.</summary>
internal enum SignOfLife
{
    /// <summary>It is done, or dead: the lock is free.</summary>
    None,

    /// <summary>It is elsewhere, and has not been watched for long enough.</summary>
    NotYet,

    /// <summary>It runs.</summary>
    Seen,
}

/// <summary>
/// Judges the owners of tickets: by their processes where those can be seen, else by their beats. Only our own clock counts the time without one, so that it does not matter
/// what time it is elsewhere, or that a clock is set.
/// </summary>
internal sealed class StageLockWatch(TimeProvider clock)
{
    /// <summary>An owner raises its beat this often.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>One whose beat was not raised for so long is taken for dead.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, (StageLockTicket Ticket, long Since, bool Beats)> _watched = [];

    public SignOfLife Of(StageLockTicket ticket)
    {
        if (ticket.Owner is { Released: true }) return SignOfLife.None;
        if (ticket.Owner is { IsNear: true } near) return near.IsRunning() ? SignOfLife.Seen : SignOfLife.None;
        if (!_watched.TryGetValue(ticket.Key, out var before) || before.Ticket.Number != ticket.Number) _watched[ticket.Key] = before = (ticket, clock.GetTimestamp(), Beats: false);
        else if (before.Ticket.Text != ticket.Text) _watched[ticket.Key] = before = (ticket, clock.GetTimestamp(), Beats: true);
        if (clock.GetElapsedTime(before.Since) >= Longest) return SignOfLife.None;
        return before.Beats ? SignOfLife.Seen : SignOfLife.NotYet;
    }
}
