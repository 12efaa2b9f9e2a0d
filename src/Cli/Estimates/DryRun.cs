using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
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
        var lines = await StepLine.AllAsync(pipeline.Stages, new KeptArtifacts(pipeline.Workspace), options.Device, configuration.Cuda, cancellation);
        var estimator = new Estimator(
            configuration.Workspace, Published(configuration), new RuntimeOptions { Threads = options.Threads, Device = options.Device, Cuda = configuration.Cuda });
        var rows = lines.Zip(lines.Select(line => line is { Step: { } step } && !line.MakesNothing ? Of(step) : null)).ToList();
        Listing.OfTexts(["step", "state", "time", "memory", "disk", "why; how the estimate came about"], [.. rows.Select(Row)]);
        await Console.Out.WriteLineAsync(StepLine.InStages(lines));
        await Console.Out.WriteLineAsync($"in all: {InAll(rows.Where(row => !row.First.MakesNothing && !row.First.MayRunAgain), options.Jobs)}");
        if (RedoGuard.Fault(lines, configuration.Run.MostRedone) is { } fault) await Console.Out.WriteLineAsync(fault);
        var again = rows.Where(row => row.First.MayRunAgain).ToList();
        if (again.Count > 0) await Console.Out.WriteLineAsync($"if all that may change changes, also: {InAll(again, options.Jobs)}");

        // The graphs of many cases take a while.
        Estimate Of(Step step)
        {
            cancellation.ThrowIfCancellationRequested();
            return estimator.Of(step);
        }
    }

    // Steps that run at once hold no more memory than the largest of them do together.
    private static string InAll(IEnumerable<(StepLine Line, Estimate? Estimate)> rows, int jobs)
    {
        var steps = rows.Select(row => row.Estimate).ToList();
        var known = steps.OfType<Estimate>().Where(estimate => estimate.Seconds is not null).ToList();
        if (known.Count == 0) return steps.Count == 0 ? "nothing would run" : $"{Steps(steps.Count)} would run, of which nothing is known";
        var atOnce = jobs == 1 ? "" : $" (up to {jobs} run at once)";
        var memory = known.Select(step => step.Memory).OrderDescending().Take(jobs).Sum();
        return $"{Steps(steps.Count)}, {Estimate.Time(known.Sum(e => e.Seconds))} one after the other{atOnce}, at most {Estimate.Size(memory)} of memory, {Estimate.Size(known.Sum(e => e.Disk))} of disk"
            + (known.Count == steps.Count ? "" : $"; of {Steps(steps.Count - known.Count)} nothing is known");
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
