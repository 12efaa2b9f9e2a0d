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
            FinishedStep.Below(configuration.Workspace), Published(configuration), new RuntimeOptions { Threads = options.Threads, Device = options.Device, Cuda = configuration.Cuda });
        var estimates = lines.Select(line => line is { IsDone: false, Step: { } step } ? Of(step) : null).ToList();
        Listing.OfTexts(["step", "state", "time", "memory", "disk", "why; how the estimate came about"], [.. lines.Zip(estimates).Select(Row)]);
        var known = estimates.OfType<Estimate>().Where(estimate => estimate.Seconds is not null).ToList();
        var unknown = lines.Zip(estimates).Count(line => line.First is { IsDone: false } && line.Second?.Seconds is null);
        await Console.Out.WriteLineAsync(known.Count == 0 ? $"in all: {unknown} steps would run, of which nothing is known"
            : $"in all: {Estimate.Time(known.Sum(e => e.Seconds))} one after the other, at most {Estimate.Size(known.Max(e => e.Memory))} of memory, {Estimate.Size(known.Sum(e => e.Disk))} of disk"
              + (unknown == 0 ? "" : $"; {unknown} steps of which nothing is known are not in it"));

        // The graphs of many cases take a while.
        Estimate Of(Step step)
        {
            cancellation.ThrowIfCancellationRequested();
            return estimator.Of(step);
        }
    }

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
