namespace LmmRec.Artifacts.Steps;

/// <summary>Hears how steps go, from several threads at once.</summary>
public interface IStepObserver
{
    /// <summary>A step runs now; one that is skipped, left out or not run does not begin.</summary>
    void Began(Step step, StepState state);

    /// <summary>A step ended, in whatever way.</summary>
    void Ended(Step step, StepOutcome outcome);
}
