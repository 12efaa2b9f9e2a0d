using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Cli;

/// <summary>What is to be said of a step before it runs.</summary>
/// <param name="Stage">its stage</param>
/// <param name="Name">of the step, or of the part of the stage whose steps are not known</param>
/// <param name="Step">the step; null: it is not known</param>
/// <param name="State">whether it is done</param>
/// <param name="Why">why it would run, be taken back, may run or waits</param>
internal sealed record StepLine(string Stage, string Name, Step? Step, string State, string Why)
{
    private const string Finished = "done", WouldRun = "would run", MayRun = "may run", TakenBack = "would be taken back", Waits = "waits", Unknown = "not known";

    /// <summary>Whether it makes nothing, now or after another: it is done, or what it would make was made before and is kept.</summary>
    public bool MakesNothing => State is Finished or TakenBack;

    /// <summary>Whether it is done, and runs again if what it reads changes, which is made again before it.</summary>
    public bool MayRunAgain => State == MayRun;

    /// <summary>Why it would run, be taken back or may run, traced to the steps where it arose.</summary>
    public IReadOnlyList<Cause> Causes { get; private init; } = [];

    /// <summary>Seconds that it took the last time; null: it is not known.</summary>
    public double? LastSeconds => Step is null ? null : Timings.Of(Step.Folder).Seconds;

    /// <summary>All steps of some stages, in their order. Changes nothing.</summary>
    public static async Task<IReadOnlyList<StepLine>> AllAsync(IEnumerable<Stage> stages, KeptArtifacts kept, string device, CudaOptions cuda, CancellationToken cancellation)
    {
        var lines = new List<StepLine>();
        var outlook = new Outlook(kept, device, cuda);
        foreach (var stage in stages)
            foreach (var part in stage.Parts)
            {
                try
                {
                    foreach (var step in part.Steps()) lines.Add(await outlook.OfAsync(stage.Name, step, cancellation));
                }
                catch (InvalidInputException e)
                {
                    lines.Add(new StepLine(stage.Name, part.Name, null, Unknown, e.Message)); // on a machine that has no input data the others can still be told of
                }
            }
        return lines;
    }

    /// <summary>One sentence that says what would run of each stage.</summary>
    public static string InStages(IReadOnlyList<StepLine> lines)
    {
        if (lines.All(line => line.State == Finished)) return "all is done";
        var stages = lines.GroupBy(line => line.Stage).Select(stage => $"{stage.Key}: {string.Join(", ", stage.GroupBy(line => line.State).Select(state => $"{state.Count()} {state.Key}"))}");
        return $"{string.Join("; ", stages)}{(lines.Any(line => line.MayRunAgain) ? " (what may run does if what it reads comes out changed)" : "")}";
    }

    // Steps are told of in their order, each by what was said of those before it.
    private sealed class Outlook(KeptArtifacts kept, string device, CudaOptions cuda)
    {
        private readonly Causes _causes = new();
        private readonly Dictionary<string, string> _back = []; // what would be taken back, and where it is kept: what comes after is judged by that
        private readonly HashSet<string> _coming = []; // what is not there yet and will be

        public async Task<StepLine> OfAsync(string stage, Step step, CancellationToken cancellation)
        {
            StepState state;
            try
            {
                state = await StepState.OfAsync(step with { Inputs = ToBe(step.Inputs), Optional = ToBe(step.Optional) }, device, cancellation, cuda);
            }
            catch (InvalidInputException e)
            {
                return new StepLine(stage, step.Title, step, Unknown, e.Message);
            }
            var added = step.Optional.Where(input => _coming.Contains(input.Value)).Select(input => input.Key).ToList();
            var upstream = step.Inputs.Concat(step.Optional).Where(input => _causes.IsMadeAnew(input.Value) && (!_back.ContainsKey(input.Value) || state.Why.Any(reason => reason.Input == input.Key)))
                .Select(input => input.Key).Except(added).ToList();
            if (state.Status == StepStatus.WouldRun && added.Count == 0 && IsKnown(step, upstream) && kept.Fitting(step, state) is { } fitting) _back[step.Folder] = fitting;
            var causes = _causes.Trace(step, [.. Reasons(state, added, upstream)], upstream);
            if ((state.Status == StepStatus.WouldRun || upstream.Count > 0) && Manifest.TryRead(step.Folder) is null) _coming.Add(step.Folder);
            var (word, why) = state.Status switch
            {
                StepStatus.Waits => (Waits, string.Join("; ", state.Reasons)),
                StepStatus.WouldRun when _back.ContainsKey(step.Folder) => (TakenBack, Cause.Told(causes, step.Title)),
                StepStatus.WouldRun when Comparisons(step) is { Count: > 0 } comparisons => (Waits, $"needs {string.Join(" or ", comparisons)}, and none is there"),
                StepStatus.Done when causes.Count == 0 => (Finished, string.Join("; ", state.Reasons)),
                StepStatus.Done when added.Count == 0 => (MayRun, Cause.Told(causes, step.Title)),
                _ => (WouldRun, Cause.Told(causes, step.Title)),
            };
            return new StepLine(stage, step.Title, step, word, string.Join("; ", new[] { why, state.LastTime }.Where(text => !string.IsNullOrEmpty(text)))) { Causes = causes };
        }

        private Dictionary<string, string> ToBe(IReadOnlyDictionary<string, string> inputs) => inputs.ToDictionary(input => input.Key, input => _back.GetValueOrDefault(input.Value, input.Value));

        // Of what is made anew nobody knows yet how it comes out.
        private bool IsKnown(Step step, List<string> upstream) => upstream.TrueForAll(name => _back.ContainsKey(step.Inputs.TryGetValue(name, out var folder) ? folder : step.Optional[name]));

        // Of a step that waits for what nobody makes, that is the cause for all after it.
        private static IEnumerable<Reason> Reasons(StepState state, IReadOnlyList<string> added, List<string> upstream) => state.Status switch
        {
            StepStatus.WouldRun => state.Why,
            StepStatus.Done => added.Select(input => new Reason(ReasonKind.Input, $"input {input} is new")),
            _ => upstream.Count > 0 ? [] : state.Reasons.Select(reason => new Reason(ReasonKind.Input, reason)),
        };

        // A report over several data sets takes those that were compared: one has to be.
        private static IReadOnlyList<string> Comparisons(Step step)
        {
            var comparisons = step.Optional.Where(input => step.Inputs.Count == 0 && input.Key.EndsWith("/comparison", StringComparison.Ordinal)).ToList();
            return comparisons.Any(input => Manifest.TryRead(input.Value) is not null) ? [] : [.. comparisons.Select(input => input.Key)];
        }
    }
}
