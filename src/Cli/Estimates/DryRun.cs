using LmmRec.Artifacts.Steps;
using LmmRec.Cli.Commands;
using LmmRec.Cli.Terminal;
using LmmRec.Graphs;
using LmmRec.Ingest;

namespace LmmRec.Cli.Estimates;

/// <summary>Shows what a run would do, and how long, in how much memory and on how much disk. Needs no data and writes nothing.</summary>
internal static class DryRun
{
    public static async Task ShowAsync(Pipeline pipeline, PipelineConfiguration configuration, PipelineOptions options, CancellationToken cancellation)
    {
        var lines = await StepLine.AllAsync(pipeline, options, configuration.Cuda, cancellation);
        var estimator = new Estimator(
            configuration.Workspace, Published(configuration), new RuntimeOptions { Threads = options.Threads, Device = options.Device, Cuda = configuration.Cuda });
        var estimates = lines.Select(line => line is { Step: { } step } && (!line.IsDone || line.MayRunAgain) ? estimator.Of(step) : null).ToList();
        Listing.OfTexts(["step", "state", "time", "memory", "disk", "why; how the estimate came about"], [.. lines.Zip(estimates).Select(Row)]);
        await Console.Out.WriteLineAsync($"in all: {InAll(lines.Zip(estimates).Where(row => !row.First.IsDone).Select(row => row.Second), options.Jobs)}");
        if (lines.Any(line => line.MayRunAgain))
            await Console.Out.WriteLineAsync($"if all that may change changes, also: {InAll(lines.Zip(estimates).Where(row => row.First.MayRunAgain).Select(row => row.Second), options.Jobs)}");
    }

    // At once, no more memory is held than the largest of them hold together.
    private static string InAll(IEnumerable<Estimate?> steps, int jobs)
    {
        var all = steps.ToList();
        var known = all.OfType<Estimate>().Where(estimate => estimate.Seconds is not null).ToList();
        if (known.Count == 0) return all.Count == 0 ? "nothing would run" : $"{Steps(all.Count)} would run, of which nothing is known";
        var memory = known.Select(step => step.Memory).OrderDescending().Take(jobs).Sum();
        var atOnce = jobs == 1 ? "" : $" (up to {jobs} run at once)";
        return $"{Steps(all.Count)}, {Estimate.Time(known.Sum(e => e.Seconds))} one after the other{atOnce}, at most {Estimate.Size(memory)} of memory, {Estimate.Size(known.Sum(e => e.Disk))} of disk"
            + (known.Count == all.Count ? "" : $"; of {Steps(all.Count - known.Count)} nothing is known");
    }

    private static string Steps(int count) => count == 1 ? "1 step" : $"{count} steps";

    private static IReadOnlyList<string> Row((StepLine Line, Estimate? Estimate) row) => row.Estimate is not { } estimate
        ? [row.Line.Name, row.Line.State, "", "", "", row.Line.Why]
        : [row.Line.Name, row.Line.State, Estimate.Time(estimate.Seconds), Estimate.Size(estimate.Memory), Estimate.Size(estimate.Disk), $"{row.Line.Why}; {estimate.From}"];

    private static Dictionary<string, DatasetSize> Published(PipelineConfiguration configuration)
    {
        var sizes = new Dictionary<string, DatasetSize>(StringComparer.Ordinal);
        foreach (var dataset in configuration.Datasets)
            if (PublishedSizes.Of(dataset.Dataset, dataset.Ingest) is { } size) sizes[Path.Combine(configuration.Workspace, dataset.Dataset.FolderName, "ingest")] = size;
        return sizes;
    }
}
