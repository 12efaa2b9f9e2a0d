using System.Diagnostics;
using System.Text.Json;
using LmmRec.Bench.Works;

namespace LmmRec.Bench;

/// <summary>
/// What one process measured. <paramref name="MillionsPerSecond"/> is operations or tokens, where they are counted. <paramref name="StartMs"/> is the creation of sessions and the first run, in which code is compiled. 
/// <paramref name="CpuMsMean"/> is the processor time of a run, of all threads: what is left to compare by on a busy machine. <paramref name="PeakMb"/> is the most that the whole process held, in MiB.
/// </summary>
internal sealed record Measurement(string Work, double MsMedian, double MsMin, double CpuMsMean, double StartMs, double? MillionsPerSecond, long PeakMb, int Threads, string What)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Two runs that do not count and <paramref name="runs"/> that do, as the peer has it.</summary>
    public static Measurement Of(string name, Arguments arguments, int runs)
    {
        using var work = Works.Work.All[name](arguments);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // what was needed to make the files is no part of the work
        var start = Stopwatch.GetTimestamp();
        work.Open();
        work.Run();
        var startMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        work.Run();
        var cpu = ProcessorTime();
        var ms = Enumerable.Range(0, runs).Select(_ => Time(work)).Order().ToList();
        var cpuMs = (ProcessorTime() - cpu).TotalMilliseconds / runs;
        return new Measurement(name, Math.Round(Median(ms), 3), Math.Round(ms[0], 3), Math.Round(cpuMs, 3), Math.Round(startMs, 1), work.Operations > 0 ? Math.Round(work.Operations / Median(ms) / 1e3, 3) : null, PeakMemory(), arguments.Threads, work.What);
    }

    public static double Median(IReadOnlyList<double> ascending) => (ascending[(ascending.Count - 1) / 2] + ascending[ascending.Count / 2]) / 2;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static double Time(Work work)
    {
        var start = Stopwatch.GetTimestamp();
        work.Run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static TimeSpan ProcessorTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }
}
