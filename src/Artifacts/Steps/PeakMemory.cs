using System.Diagnostics;

namespace LmmRec.Artifacts.Steps;

/// <summary>
/// The most memory that the process held while a step ran. Steps that run at once share it: Linux counts for the whole process, and begins anew only where
/// none is running.
/// </summary>
internal sealed class PeakMemory : IDisposable
{
    private static int Running;

    public PeakMemory()
    {
        if (Interlocked.Increment(ref Running) == 1 && OperatingSystem.IsLinux()) Reset();
    }

    /// <summary>In MiB, so far.</summary>
    public static long Megabytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 >> 20;
        }
    }

    public void Dispose() => Interlocked.Decrement(ref Running);

    private static void Reset()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5"); // see proc(5)
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Some containers do not allow it. What is counted then begins with the process.
        }
    }
}
