using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace LmmRec.Artifacts.Store;

/// <summary>
/// The tickets of a workspace's locks, a file <c>&lt;key&gt;.&lt;n&gt;</c> each. To make a file that must not be there succeeds for one taker alone on every
/// file system, also where locks of files do nothing. Whose is the highest of a key holds it; that one is never deleted, so that no number comes twice.
/// </summary>
internal sealed class StageLockTickets(string folder)
{
    private const char Separator = '~'; // stands for the / of a key; no folder of a workspace has it in its name

    /// <summary>The name of a ticket.</summary>
    public static string NameOf(string key, long number) => string.Create(CultureInfo.InvariantCulture, $"{key.Replace('/', Separator)}.{number}");

    /// <summary>The highest ticket of <paramref name="key"/>, and of each key above and below it.</summary>
    public IReadOnlyList<StageLockTicket> Concerning(string key)
    {
        while (true)
        {
            var tickets = Highest().Where(ticket => Overlap(ticket.Key, key)).Select(ticket => Read(ticket.Key, ticket.Value)).ToList();
            if (!tickets.Contains(null)) return tickets!; // one that is gone has a higher one by now
        }
    }

    /// <summary>Whether <paramref name="number"/> is the highest of <paramref name="key"/>.</summary>
    public bool IsHighest(string key, long number) => Highest().TryGetValue(key, out var highest) && highest == number;

    /// <summary>Whether the lock of the ticket of this name is held by it. To be watched for a minute would take too long; so the clocks of two machines are trusted.</summary>
    public bool IsHeld(string name)
    {
        if (!TryParse(name, out var ticket) || !IsHighest(ticket.Key, ticket.Number) || Read(ticket.Key, ticket.Number) is not { Owner: { Released: false } owner }) return false;
        return owner.IsNear ? owner.IsRunning() : TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(PathOf(ticket.Key, ticket.Number)) < StageLockWatch.Longest;
    }

    /// <summary>Makes a ticket.</summary>
    /// <returns>false: somebody else was faster.</returns>
    public bool TryMake(string key, long number, StageLockOwner owner, [NotNullWhen(true)] out OwnTicket? made)
    {
        Directory.CreateDirectory(folder);
        made = null;
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(PathOf(key, number), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (IOException e) when (FileSystem.IsTaken(e))
        {
            return false;
        }
        made = new OwnTicket(key, number, file);
        try
        {
            made.Write(owner);
            return true;
        }
        catch
        {
            // Nobody has taken it for anything yet: without a word in it, it is waited for.
            made.Dispose();
            Delete(key, number);
            throw;
        }
    }

    /// <summary>Deletes the ticket of an attempt that failed, since there is a higher one.</summary>
    public void Delete(string key, long number) => File.Delete(PathOf(key, number));

    /// <summary>Deletes those below <paramref name="number"/>.</summary>
    public void DeleteBelow(string key, long number)
    {
        foreach (var (_, lower) in All().Where(ticket => ticket.Key == key && ticket.Number < number)) Delete(key, lower);
    }

    private static bool Overlap(string one, string other) => one == other || one == StageLock.Everything || other == StageLock.Everything
        || one.StartsWith(other + '/', StringComparison.Ordinal) || other.StartsWith(one + '/', StringComparison.Ordinal);

    private Dictionary<string, long> Highest() => All().GroupBy(ticket => ticket.Key).ToDictionary(group => group.Key, group => group.Max(ticket => ticket.Number));

    // So few names come with one call, and so as of one moment.
    private IEnumerable<(string Key, long Number)> All()
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var path in Directory.EnumerateFiles(folder))
            if (TryParse(Path.GetFileName(path), out var ticket)) yield return ticket;
    }

    private static bool TryParse(string name, out (string Key, long Number) ticket)
    {
        var dot = name.LastIndexOf('.');
        ticket = default;
        if (dot <= 0 || !long.TryParse(name.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        ticket = (name[..dot].Replace(Separator, '/'), number);
        return true;
    }

    private StageLockTicket? Read(string key, long number)
    {
        try
        {
            using var file = File.OpenHandle(PathOf(key, number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[RandomAccess.GetLength(file)];
            return new StageLockTicket(key, number, Encoding.UTF8.GetString(bytes.AsSpan(0, RandomAccess.Read(file, bytes, 0))));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string key, long number) => Path.Combine(folder, NameOf(key, number));
}
