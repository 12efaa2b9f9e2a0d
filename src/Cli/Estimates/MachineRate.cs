using System.Diagnostics;
using LmmRec.Graphs;

namespace LmmRec.Cli.Estimates;

/// <summary>How fast this machine is when it has nothing else to do, by a product of matrices and a sum of vectors that are timed once.</summary>
/// <param name="MultiplyAdds">a second</param>
/// <param name="Bytes">read and written a second</param>
internal sealed record MachineRate(double MultiplyAdds, double Bytes)
{
    private const int Rows = 512, Width = 1024, Numbers = 1 << 23, Runs = 10;

    // Threads that keep a processor's memory busy.
    private const int Readers = 4;

    /// <summary>Times it where graphs are to run.</summary>
    public static MachineRate Measure(RuntimeOptions runtime)
    {
        var g = new Graph("rate");
        var (a, b, x) = (g.Input("a", ElementType.Float32, [Rows, Width]), g.Input("b", ElementType.Float32, [Width, Width]), g.Input("x", ElementType.Float32, [Numbers]));
        g.Output("product", a.MatMul(b));
        g.Output("sum", x + x);
        var isCpu = runtime.Device == "cpu";
        // The processor time of one thread: other processes take nothing from it, and none of it is spent waiting for another thread.
        using var model = InferenceModel.Open(g, isCpu ? runtime with { Threads = 1 } : runtime);
        var batch = new Batch { ["a"] = Zeros(Rows, Width), ["b"] = Zeros(Width, Width), ["x"] = Zeros(Numbers) };
        var threads = isCpu ? runtime.Threads : 1;
        return new MachineRate(threads * (double)Rows * Width * Width / Fastest("product"), Math.Min(threads, Readers) * 3.0 * sizeof(float) * Numbers / Fastest("sum"));

        static TensorData Zeros(params long[] shape) => TensorData.Zeros(ElementType.Float32, shape);

        double Fastest(string output) => Enumerable.Range(0, Runs).Min(_ =>
        {
            var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            model.Run(batch, [output]);
            return isCpu ? (Environment.CpuUsage.TotalTime - cpu).TotalSeconds : Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }
}
