using BenchmarkDotNet.Attributes;
using LmmRec.Bench.Works;

namespace LmmRec.Bench;

/// <summary>Sparse product and training step over the interactions that the environment variable INTER names.</summary>
public class KernelBenchmarks
{
    private Work? _work;

    [Params("spmm", "spmm-stock", "lightgcn")]
    public string Name { get; set; } = "";

    [GlobalSetup]
    public void Open()
    {
        _work = Work.All[Name](new Arguments(Environment.GetEnvironmentVariable("INTER")!, Batch: 0, Scale: 1, Threads: 2));
        _work.Open();
    }

    [Benchmark]
    public void Run() => _work!.Run();

    [GlobalCleanup]
    public void Close() => _work!.Dispose();
}
