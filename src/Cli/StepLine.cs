using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Commands;

namespace LmmRec.Cli;

/// <summary>What is to be said of a step before it runs.</summary>
/// <param name="Name">of the step, or of the stage where its steps are not known</param>
/// <param name="Step">the step; null: it is not known</param>
/// <param name="State">whether it is done</param>
/// <param name="Why">why it would run or waits</param>
internal sealed record StepLine(string Name, Step? Step, string State, string Why)
{
    private const string Finished = "done", WouldRun = "would run", Waits = "waits";

    /// <summary>Whether it would not run now.</summary>
    public bool IsDone => State == Finished;

    /// <summary>Whether it is done and runs again if what it reads changes, which is made again before it.</summary>
    public bool MayRunAgain { get; init; }

    /// <summary>All steps, in their order. Changes nothing.</summary>
    public static async Task<IReadOnlyList<StepLine>> AllAsync(Pipeline pipeline, PipelineOptions options, CudaOptions cuda, CancellationToken cancellation)
    {
        var lines = new List<StepLine>();
        var stale = new HashSet<string>();
        var coming = new HashSet<string>(); // what is not there yet and will be
        foreach (var step in pipeline.Stages.SelectMany(Steps))
        {
            var state = await StepState.OfAsync(step, options.Device, cancellation, cuda);
            var upstream = step.Inputs.Concat(step.Optional).Where(input => stale.Contains(input.Value)).Select(input => input.Key).ToList();
            var added = step.Optional.Where(input => coming.Contains(input.Value)).Select(input => input.Key).ToList();
            if (state.Status != StepStatus.Done || upstream.Count > 0) stale.Add(step.Folder);
            if ((state.Status == StepStatus.WouldRun || upstream.Count > 0) && Manifest.TryRead(step.Folder) is null) coming.Add(step.Folder);
            var (word, reasons) = state.Status switch
            {
                StepStatus.Done when upstream.Count == 0 => (Finished, state.Reasons),
                StepStatus.Done when added.Count > 0 => (WouldRun, [.. added.Select(input => $"input {input} is new")]),
                StepStatus.Done => (Finished, [$"runs again if these change: {string.Join(", ", upstream)}"]),
                StepStatus.WouldRun when Comparisons(step) is { Count: > 0 } comparisons => (Waits, [$"needs {string.Join(" or ", comparisons)}, and none is there"]),
                StepStatus.WouldRun => (WouldRun, state.Reasons),
                _ => (Waits, state.Reasons),
            };
            lines.Add(new StepLine(step.Title, step, word, string.Join("; ", state.LastTime is null ? reasons : reasons.Append(state.LastTime))) { MayRunAgain = word == Finished && upstream.Count > 0 });
        }
        return lines;

        // A report over several data sets takes those that were compared: one has to be.
        static IReadOnlyList<string> Comparisons(Step step)
        {
            var comparisons = step.Optional.Where(input => step.Inputs.Count == 0 && input.Key.EndsWith("/comparison", StringComparison.Ordinal)).ToList();
            return comparisons.Any(input => Manifest.TryRead(input.Value) is not null) ? [] : [.. comparisons.Select(input => input.Key)];
        }

        // On a machine that has no input data the other stages can still be told of.
        IReadOnlyList<Step> Steps(Stage stage)
        {
            try
            {
                return stage.Steps();
            }
            catch (InvalidInputException e)
            {
                lines.Add(new StepLine(stage.Name, null, "not known", e.Message));
                return [];
            }
        }
    }
}
