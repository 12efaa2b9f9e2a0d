using System.Runtime.InteropServices;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Tests;

/// <summary>Memory is the process's, so that no other test may run beside these.</summary>
[Collection(nameof(PeakMemoryTests)), CollectionDefinition(nameof(PeakMemoryTests), DisableParallelization = true)]
public sealed class PeakMemoryTests
{
    private const int Size = 512 << 20;

    [Fact]
    public async Task A_step_that_runs_alone_tells_of_its_own_memory_and_of_none_before_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux lets a process begin to count anew");
        using var workspace = new TemporaryFolder();
        var large = await PeakAsync("large", Fill);
        var small = await PeakAsync("small", () => { });
        Assert.InRange(large - small, (Size >> 20) / 2, double.MaxValue);

        async Task<double> PeakAsync(string name, Action work)
        {
            var step = new Step(name, workspace.PathOf(name), 1, [], new Dictionary<string, string>(), (_, cancellation) => Task.Run(work, cancellation));
            await new StepRunner(new Silence(), TimeProvider.System, threads: 1, device: "cpu").RunAsync(step, TestContext.Current.CancellationToken);
            return Timings.Of(step.Folder).PeakMegabytes!.Value;
        }
    }

    private static unsafe void Fill()
    {
        var memory = NativeMemory.Alloc(Size);
        NativeMemory.Fill(memory, Size, 1);
        NativeMemory.Free(memory);
    }
}
