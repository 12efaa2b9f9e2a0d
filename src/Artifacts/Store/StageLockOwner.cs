using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Text.Json.Serialization;

namespace LmmRec.Artifacts.Store;

/// <summary>Who holds a lock, as its ticket tells others.</summary>
/// <param name="Command">the command without what it was given, such as <c>lmmrec run</c></param>
/// <param name="Holds">the folders that it writes to</param>
/// <param name="Host">the machine's name, for people</param>
/// <param name="Machine">where process ids mean the same as for the owner; null: nothing tells</param>
/// <param name="Process">id of its process</param>
/// <param name="Started">when that began, in the system's own unit: a later process of the same id began at another time</param>
/// <param name="Since">when the command began to take the lock, in UTC</param>
internal sealed record StageLockOwner(string Command, IReadOnlyList<string> Holds, string Host, string? Machine, int Process, string? Started, DateTimeOffset Since)
{
    private static readonly string? Here = FindHere();

    /// <summary>Raised while the owner runs: others that cannot see its process see by this that it lives.</summary>
    public long Beat { get; init; }

    /// <summary>Whether it is done: the lock is free.</summary>
    public bool Released { get; init; }

    /// <summary>This process.</summary>
    public static StageLockOwner Self(string command, IReadOnlyList<string> holds, DateTimeOffset since)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return new StageLockOwner(command, holds, Environment.MachineName, Here, Environment.ProcessId, StartOf(process), since);
    }

    /// <summary>Whether its process could be seen from here.</summary>
    [JsonIgnore]
    public bool IsNear => Machine is not null && Machine == Here;

    /// <summary>Whether its process still runs; only where it is near.</summary>
    public bool IsRunning()
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(Process);
            return StartOf(process) == Started;
        }
        catch (ArgumentException)
        {
            return false; // there is none of this id
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or Win32Exception)
        {
            return true; // there is one, and it is not ours to look at
        }
    }

    /// <summary>For people: command, process, machine, since when and what it writes to.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Command}, process {Process} on {Host} since {Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, which writes to {(Holds.Contains(StageLock.Everything) ? "all of it" : string.Join(", ", Holds))}");

    // Containers on one machine share its boot id and may share its name, but each counts processes by itself.
    private static string? FindHere()
    {
        try
        {
            if (!OperatingSystem.IsLinux())
                return string.Join(' ', NetworkInterface.GetAllNetworkInterfaces().Select(card => card.GetPhysicalAddress().ToString()).Where(address => address.Length > 0)
                    .Order(StringComparer.Ordinal).Prepend(Environment.MachineName));
            // A /proc that was mounted for other processes knows ours by another id.
            if (new FileInfo("/proc/self").LinkTarget != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
            return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget} {Environment.MachineName}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NetworkInformationException)
        {
            return null;
        }
    }

    // .NET derives the time from today's clock on Linux, where it is not the same for two that ask; the kernel counts from the machine's start.
    private static string StartOf(Process process)
    {
        if (!OperatingSystem.IsLinux()) return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        var status = File.ReadAllText($"/proc/{process.Id}/stat");
        var fields = status[(status.LastIndexOf(')') + 2)..].Split(' '); // behind the name, which may hold anything
        return fields[0] is "Z" or "X" ? "ended" : fields[19]; // dead, though whoever started it has not asked how it ended
    }
}
