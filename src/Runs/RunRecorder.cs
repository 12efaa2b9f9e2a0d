using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Runs;

/// <summary>Keeps the record of a run that goes on: writes it when the run begins, after each step, and at the end.</summary>
public sealed class RunRecorder : IStepObserver
{
    private readonly RunStore _store;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly RunStep[] _steps;
    private readonly Dictionary<string, int> _places; // of steps, by folder
    private RunRecord _record;

    private RunRecorder(RunStore store, RunRecord record, TimeProvider clock, IReadOnlyList<Step> steps)
    {
        (_store, _record, _clock) = (store, record, clock);
        _steps = [.. record.Steps];
        _places = steps.Index().ToDictionary(step => step.Item.Folder, step => step.Index);
    }

    /// <summary>The record as it is now.</summary>
    public RunRecord Record
    {
        get
        {
            lock (_lock) return _record with { Steps = [.. _steps] };
        }
    }

    /// <summary>Begins the record of a run.</summary>
    /// <param name="workspace">where it lies</param>
    /// <param name="clock">the machine's clock</param>
    /// <param name="command">such as <c>run</c></param>
    /// <param name="steps">what it is going to do</param>
    /// <param name="told">adds the ticket of its lock, the configuration, and what else the user gave</param>
    /// <param name="broken">hears of each former record that cannot be read; none is needed</param>
    /// <exception cref="NewerVersionException">A newer lmmrec wrote a former record.</exception>
    public static RunRecorder Begin(string workspace, TimeProvider clock, string command, IReadOnlyList<Step> steps, Func<RunRecord, RunRecord> told, Action<InvalidInputException> broken)
    {
        var (store, began) = (new RunStore(workspace), clock.GetUtcNow());
        var record = store.Begin(began, (id, number) => told(new RunRecord(RunRecord.CurrentSchema, id, number, command, began, RunState.Running)
        {
            Steps = [.. steps.Select(step => new RunStep(step.Name, Path.GetRelativePath(workspace, step.Folder).Replace(Path.DirectorySeparatorChar, '/'), RunStepState.Waiting) { Dataset = step.Dataset })],
        }), broken);
        return new RunRecorder(store, record, clock, steps);
    }

    /// <inheritdoc/>
    public void Began(Step step, StepState state) => Change(step, before => before with { State = RunStepState.Running, Why = state.Told }, write: true);

    /// <inheritdoc/>
    public void Ended(Step step, StepOutcome outcome)
    {
        var state = outcome.State switch
        {
            StepEnd.Ran => RunStepState.Ran,
            StepEnd.Skipped => RunStepState.Skipped,
            StepEnd.TakenBack => RunStepState.TakenBack,
            StepEnd.LeftOut => RunStepState.LeftOut,
            StepEnd.Failed => RunStepState.Failed,
            StepEnd.NotRun => RunStepState.NotRun,
            _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
        };
        var made = state is RunStepState.Ran or RunStepState.Skipped or RunStepState.TakenBack;
        Change(
            step,
            before => before with
            {
                State = state,
                Why = outcome.Why,
                Fault = outcome.Failure?.Message ?? outcome.LeftOut,
                Seconds = outcome.Seconds,
                Artifact = made ? Manifest.IdOf(step.Folder) : null,
                Inputs = made ? Manifest.Read(step.Folder).Recipe.Inputs : null,
            },
            write: state != RunStepState.Skipped); // a thousand may be skipped in a second; the next that is not writes them too
    }

    /// <summary>Changes the record itself, such as by what happened.</summary>
    public void Note(Func<RunRecord, RunRecord> change)
    {
        lock (_lock) _record = change(_record);
    }

    /// <summary>Ends the record. What did not come to an end stays as it was.</summary>
    public void End(RunOutcome outcome)
    {
        Note(record => record with { State = RunState.Ended, Ended = _clock.GetUtcNow(), Outcome = outcome });
        _store.Write(Record);
        _store.SetLatest(_record);
    }

    private void Change(Step step, Func<RunStep, RunStep> change, bool write)
    {
        lock (_lock)
        {
            ref var at = ref _steps[_places[step.Folder]];
            at = change(at);
            if (write) _store.Write(_record with { Steps = [.. _steps] });
        }
    }
}
