using System.Diagnostics;
using System.Text.Json;
using LmmRec.Bench.Works;

namespace LmmRec.Bench;

/// <summary>
/// What one process measured. <paramref name="MillionsPerSecond"/> is operations or tokens, where they are counted. <paramref name="StartMs"/> is the
/// creation of sessions and the first run, in which code is compiled. <paramref name="CpuMsMean"/> is the processor time of a run, of all threads: what
/// is left to compare by on a busy machine. <paramref name="ShareOfLimit"/> is the speed beside what the same threads could multiply and add, measured
/// before each run, and <paramref name="CpuShareOfLimit"/> the same by processor time.
/// <paramref name="PeakMb"/> is the most that the whole process held, in MiB.
/// </summary>
internal sealed record Measurement(
    string Work, double MsMedian, double MsMin, double CpuMsMean, double StartMs, double? MillionsPerSecond, double? ShareOfLimit, double? CpuShareOfLimit, long PeakMb, int Threads, string What)
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
        var (times, limits) = (new List<(double Ms, double Cpu)>(), new List<(double Ms, double Cpu)>());
        for (var run = 0; run < runs; run++)
        {
            if (work.Multiplies) limits.Add(Time(() => ProcessorLimit.Run(arguments.Threads)));
            times.Add(Time(work.Run));
        }
        var (ms, cpu) = (Median(times.Select(t => t.Ms)), Median(times.Select(t => t.Cpu)));
        return new Measurement(
            name, Math.Round(ms, 3), Math.Round(times.Min(t => t.Ms), 3), Math.Round(times.Average(t => t.Cpu), 3), Math.Round(startMs, 1), work.Operations > 0 ? Math.Round(work.Operations / ms / 1e3, 3) : null,
            ShareOfLimit(ms, limits.Select(l => l.Ms)), ShareOfLimit(cpu, limits.Select(l => l.Cpu)), PeakMemory(), arguments.Threads, work.What);

        double? ShareOfLimit(double time, IEnumerable<double> limit) =>
            work.Multiplies ? Math.Round(work.Operations / time / (ProcessorLimit.Operations * arguments.Threads / Median(limit)), 3) : null;
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] ascending = [.. values.Order()];
        return (ascending[(ascending.Length - 1) / 2] + ascending[ascending.Length / 2]) / 2;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static (double Ms, double Cpu) Time(Action run)
    {
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        run();
        return (Stopwatch.GetElapsedTime(start).TotalMilliseconds, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }
}
