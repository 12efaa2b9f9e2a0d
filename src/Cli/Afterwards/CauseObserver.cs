using LmmRec.Artifacts.Steps;

namespace LmmRec.Cli.Afterwards;

/// <summary>Remembers why the steps of a run ran, traced to what changed first.</summary>
internal sealed class CauseObserver : IStepObserver
{
    private readonly Lock _lock = new();
    private readonly Causes _causes = new();

    public void Began(Step step, StepState state)
    {
        lock (_lock) _causes.Trace(step, state.Why, [.. state.Why.Select(reason => reason.Input).OfType<string>()]);
    }

    public void Ended(Step step, StepOutcome outcome)
    {
    }

    /// <summary>Why a step ran; none where it did not.</summary>
    public IReadOnlyList<Cause> Of(Step step) => _causes.Of(step.Folder);
}
