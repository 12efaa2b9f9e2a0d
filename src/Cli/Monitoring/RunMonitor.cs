using System.CommandLine;
using LmmRec.Artifacts.Steps;
using LmmRec.Cli.Terminal;
using LmmRec.Runs;

namespace LmmRec.Cli.Monitoring;

/// <summary>What is told of a command that runs steps to those who watch it at a distance: a log for machines, telemetry and a summary, as far as they are asked for.</summary>
internal sealed class RunMonitor : IStepObserver
{
    private readonly Lock _lock = new();
    private readonly List<(Step Step, StepOutcome Outcome)> _steps = [];
    private string _command = "";
    private string? _summary;
    private string? _run;
    private RunOutcome? _outcome;
    private Telemetry? _telemetry;

    /// <summary>Begins, before anything is said that the command has to say.</summary>
    public void Open(ParseResult parsed)
    {
        if (MonitoringOptions.LogsJson(parsed)) Screen.LogAsJson(TimeProvider.System);
        (_command, _summary) = (parsed.CommandResult.Command.Name, MonitoringOptions.Summary(parsed));
        _telemetry = Telemetry.TryOpen(_command, MonitoringOptions.Receiver(parsed), Warn);
    }

    /// <summary>The run has a name now.</summary>
    /// <param name="run">its id</param>
    /// <param name="dataset">its data set; null: it has several</param>
    public void Begin(string run, string? dataset)
    {
        _run = run;
        _telemetry?.Begin(run);
        if (Screen.Log is { } log) (log.Run, log.Dataset) = (run, dataset);
    }

    /// <inheritdoc/>
    public void Began(Step step, StepState state) => _telemetry?.Began(step, state);

    /// <inheritdoc/>
    public void Ended(Step step, StepOutcome outcome)
    {
        lock (_lock) _steps.Add((step, outcome));
        _telemetry?.Ended(step, outcome);
    }

    /// <summary>The run came to its end.</summary>
    public RunOutcome Ended(RunOutcome outcome) => _outcome = outcome;

    /// <summary>The command ends, in whatever way. What cannot be told changes nothing about that.</summary>
    /// <param name="code">its exit code</param>
    /// <param name="thrown">how it ended where an exception ended it</param>
    public void Close(int code, RunOutcome? thrown)
    {
        var outcome = thrown ?? (_outcome?.ExitCode == code ? _outcome : new RunOutcome(code, ExitCode.MeaningOf(code)));
        WriteSummary(outcome); // first: it waits for nobody
        using var telemetry = _telemetry;
        if (telemetry?.Close(outcome) is { } silent) Warn(silent);
    }

    private void WriteSummary(RunOutcome outcome)
    {
        if (_summary is null) return;
        try
        {
            RunSummary.Of(_command, _run, outcome, _steps, TimeProvider.System.GetUtcNow()).Write(_summary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn($"--summary {_summary}: cannot be written: {e.Message}");
        }
    }

    private static void Warn(string warning)
    {
        try
        {
            Console.Error.WriteLine(Printable.Of($"warning: {warning}"));
        }
        catch (IOException)
        {
            // Nobody listens to standard error.
        }
    }
}
