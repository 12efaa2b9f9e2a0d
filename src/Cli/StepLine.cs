using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Cli.Commands;

namespace LmmRec.Cli;

/// <summary>What is to be said of a step before it runs.</summary>
/// <param name="Name">of the step, or of the stage where its steps are not known</param>
/// <param name="Step">the step; null: it is not known</param>
/// <param name="State">whether it is done</param>
/// <param name="Why">why it would run or waits</param>
internal sealed record StepLine(string Name, Step? Step, string State, string Why)
{
    private const string Finished = "done";

    /// <summary>Whether it would not run now.</summary>
    public bool IsDone => State == Finished;

    /// <summary>All steps, in their order. Changes nothing.</summary>
    public static async Task<IReadOnlyList<StepLine>> AllAsync(Pipeline pipeline, PipelineOptions options, CudaOptions cuda, CancellationToken cancellation)
    {
        var lines = new List<StepLine>();
        var stale = new HashSet<string>();
        foreach (var step in pipeline.Stages.SelectMany(Steps))
        {
            var state = await StepState.OfAsync(step, options.Device, cancellation, cuda);
            var upstream = step.Inputs.Concat(step.Optional).Where(input => stale.Contains(input.Value)).Select(input => input.Key).ToList();
            if (state.Status != StepStatus.Done || upstream.Count > 0) stale.Add(step.Folder);
            var (word, reasons) = state.Status switch
            {
                StepStatus.Done when upstream.Count == 0 => (Finished, state.Reasons),
                StepStatus.Done => (Finished, [$"runs again if these change: {string.Join(", ", upstream)}"]),
                StepStatus.WouldRun => ("would run", state.Reasons),
                _ => ("waits", state.Reasons),
            };
            lines.Add(new StepLine(step.Title, step, word, string.Join("; ", state.LastTime is null ? reasons : reasons.Append(state.LastTime))));
        }
        return lines;

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
